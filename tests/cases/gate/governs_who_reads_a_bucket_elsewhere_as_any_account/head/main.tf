provider "aws" { region = "eu-west-1" }
resource "aws_sns_topic" "keep" {
  name              = "keep"
  kms_master_key_id = "alias/x"
}
resource "aws_s3_bucket_acl" "x" {
  bucket = "reports"
  acl    = "authenticated-read"
}
