terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_launch_template" "worker" {
  name     = "worker"
  image_id = "ami-0a1b2c3d4e5f60718"
}
