resource "aws_s3_bucket" "a" {
  bucket =
  acl    = "private"
}

resource "aws_s3_bucket" "b" {
  bucket = "b"
}
