provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias = "prod"
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/d"
  }
}
provider "aws" {
  alias = "partner"
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::999988887777:role/d"
  }
}
resource "aws_s3_bucket" "data" {
  provider = aws.prod
  bucket = "acme-data"
}
resource "aws_kms_key" "k" {
  provider = aws.prod
  enable_key_rotation = true
}
