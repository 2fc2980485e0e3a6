terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_iam_role" "snapshots" {
  name               = "snapshots"
  assume_role_policy = file("${path.module}/policies/trust.json")
}

resource "aws_iam_role_policy" "snapshots" {
  role   = aws_iam_role.snapshots.id
  policy = file("${path.module}/policies/rights.json")
}
