provider "aws" {
  region = "eu-west-1"
}
resource "aws_s3_bucket" "b" {
  bucket = "acme"
}
resource "aws_codebuild_project" "s" {
  name = "s"
  service_role = "arn:aws:iam::111122223333:role/admin"
  artifacts {
    type = "NO_ARTIFACTS"
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image = "aws/codebuild/standard:7.0"
    type = "LINUX_CONTAINER"
  }
  source {
    type = "GITHUB"
    location = "https://github.com/acme/app"
  }
}
