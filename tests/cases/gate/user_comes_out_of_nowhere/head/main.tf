resource "aws_iam_user" "api" {
  name = "api"
}

resource "aws_iam_access_key" "api" {
  user = aws_iam_user.api.name
}

resource "aws_s3_bucket" "data" {
  bucket = "acme-data"
}
