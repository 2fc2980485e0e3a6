resource "aws_s3_bucket" "a" {
  acl = "private"
  acl = "public-read"
}
