terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.1"
    }
  }
}

provider "aws" {
  region = local.region
}

resource "aws_sns_topic" "orders" {
  kms_master_key_id = "alias/shop"
}

locals {
  region = "us-east-1"
}
