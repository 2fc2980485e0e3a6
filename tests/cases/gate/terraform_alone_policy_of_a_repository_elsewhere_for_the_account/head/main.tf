provider "aws" {
  region = "eu-west-1"
}

resource "aws_sqs_queue" "jobs" {}

data "aws_ecr_repository" "orders" {
  name = "orders"
}

data "aws_caller_identity" "own" {}

data "aws_iam_policy_document" "pull" {
  statement {
    actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.own.account_id]
    }
  }
}

resource "aws_ecr_repository_policy" "orders" {
  repository = data.aws_ecr_repository.orders.name
  policy     = data.aws_iam_policy_document.pull.json
}
