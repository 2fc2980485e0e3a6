terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

module "group" {
  source = "git::https://github.com/acme/modules.git//group?ref=v1"
  ranges = ["10.0.0.0/8"]
}
