terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

module "reports" {
  source = "./pool"
  name   = "reports"
  vpc_id = "vpc-0a1b2c3d4e5f60718"
}

module "search" {
  source = "./pool"
  name   = "search"
  vpc_id = "vpc-0a1b2c3d4e5f60718"
}
