resource "aws_s3_bucket" "a" {
  tags = {
    Name = "a"
  acl = "private"
}

resource "aws_s3_bucket" "b" {
  bucket = "b"
}
