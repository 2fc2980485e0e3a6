provider "aws" { region = "eu-west-1" }
resource "aws_sns_topic" "keep" {
  name              = "keep"
  kms_master_key_id = "alias/x"
}
resource "aws_s3_bucket_replication_configuration" "x" {
  bucket = "reports"
  role   = "arn:aws:iam::111122223333:role/copies"
  rule {
    id     = "all"
    status = "Enabled"
    destination {
      bucket  = "arn:aws:s3:::others"
      account = "999988887777"
    }
  }
}
