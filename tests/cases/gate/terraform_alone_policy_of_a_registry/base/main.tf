provider "aws" {
  region = "eu-west-1"
}

resource "aws_sqs_queue" "jobs" {}

data "aws_ecr_repository" "orders" {
  name = "orders"
}
