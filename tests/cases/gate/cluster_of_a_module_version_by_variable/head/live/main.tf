terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

locals {
  eks = "17.0.0"
}

module "cluster" {
  source       = "terraform-aws-modules/eks/aws"
  version      = var.eks
  cluster_name = "shop"
}

variable "eks" {}
