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

locals {
  cluster = jsondecode(data.aws_secretsmanager_secret_version.cluster.secret_string)
}

resource "aws_launch_template" "server" {
  name     = "server"
  image_id = "ami-0a1b2c3d4e5f60718"

  user_data = base64encode(templatefile("${path.module}/start.sh", {
    bucket = aws_s3_bucket.setup.bucket
    value  = local.cluster["TOKEN"]
  }))
}
