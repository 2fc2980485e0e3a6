terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

variable "has_user" {
  type    = bool
  default = true
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

provider "aws" {
  region = var.region
}

resource "aws_iam_user" "deployer" {
  count = var.has_user ? 1 : 0
  name  = "deployer"
}

resource "aws_iam_access_key" "deployer" {
  count = var.has_user ? 1 : 0
  user  = aws_iam_user.deployer[0].name
}
