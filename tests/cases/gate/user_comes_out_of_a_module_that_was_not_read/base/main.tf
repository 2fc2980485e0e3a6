module "api" {
  source  = "acme/api/heroku"
  version = "1.1.1"
}

resource "aws_s3_bucket" "data" {
  bucket = "acme-data"
}
