terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.1"
    }
  }
}

provider "aws" {
  # where the shop is
  region   = "eu-west-1"
}

resource "aws_sns_topic" "orders" {
  kms_master_key_id = "alias/shop"
}
