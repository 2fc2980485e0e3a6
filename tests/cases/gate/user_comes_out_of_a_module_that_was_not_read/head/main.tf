resource "aws_iam_user" "api" {
  name = "api"
}

resource "aws_iam_access_key" "api" {
  user = aws_iam_user.api.name
}

moved {
  from = module.api.aws_iam_user.heroku_user
  to   = aws_iam_user.api
}

moved {
  from = module.api.aws_iam_access_key.heroku_user
  to   = aws_iam_access_key.api
}

resource "aws_s3_bucket" "data" {
  bucket = "acme-data"
}
