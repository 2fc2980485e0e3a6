resource "aws_s3_bucket" "a" {
  bucket = "a"

  versioning {
    enabled = true

resource "aws_s3_bucket" "b" {
  bucket = "b"
}

output "c" {
  value = 1
}
