terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

module "batch" {
  source = "./pool"
  name   = "batch"
  vpc_id = "vpc-0a1b2c3d4e5f60718"
  range  = "198.51.100.0/24"
}
