terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

module "groups" {
  source = "../groups"
  rules = {
    "dev/web"  = "0.0.0.0/0"
    "prod/web" = "0.0.0.0/0"
  }
}
