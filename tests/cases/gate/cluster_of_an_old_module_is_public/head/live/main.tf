terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

module "cluster" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 17.0"

  cluster_name = "shop"
}
