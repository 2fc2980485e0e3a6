provider "aws" {
  region = "eu-west-1"
}

resource "aws_sqs_queue" "jobs" {}

data "aws_ecr_repository" "orders" {
  name = "orders"
}

resource "aws_ecr_registry_policy" "copies" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = ["ecr:ReplicateImage", "ecr:CreateRepository"]
      Principal = { AWS = "arn:aws:iam::444455556666:root" }
      Resource  = "*"
    }]
  })
}
