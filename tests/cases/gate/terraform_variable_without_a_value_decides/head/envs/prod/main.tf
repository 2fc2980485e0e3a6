terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

variable "cidrs" {
  type = list(string)
}

module "db" {
  source = "../../modules/db"
  cidrs  = var.cidrs
}
