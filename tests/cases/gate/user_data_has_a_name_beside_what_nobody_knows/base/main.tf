terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_s3_bucket" "setup" {
  bucket_prefix = "setup-"
}

data "aws_secretsmanager_secret_version" "cluster" {
  secret_id = "cluster"
}
