# Takes in registrations that partners drop into a queue, and now also those that people send from a form.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_sqs_queue" "registrations" {
  name                    = "registrations"
  sqs_managed_sse_enabled = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "failed" {
  name                      = "failed-registrations"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_lambda_function" "intake" {
  function_name = "intake"
  runtime       = "python3.13"
  handler       = "intake.handler"
  filename      = "intake.zip"
  timeout       = 10
  role          = aws_iam_role.intake.arn

  environment {
    variables = {
      SUBMISSIONS_TABLE = aws_dynamodb_table.submissions.name
    }
  }
}

# The sign-up form posts straight to the function.
resource "aws_lambda_function_url" "form" {
  function_name      = aws_lambda_function.intake.function_name
  authorization_type = "NONE"
}

resource "aws_dynamodb_table" "submissions" {
  name         = "submissions"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_lambda_event_source_mapping" "registrations" {
  event_source_arn        = aws_sqs_queue.registrations.arn
  function_name           = aws_lambda_function.intake.arn
  function_response_types = ["ReportBatchItemFailures"]
}

resource "aws_iam_role" "intake" {
  name               = "intake"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "intake" {
  role   = aws_iam_role.intake.id
  policy = data.aws_iam_policy_document.intake.json
}

data "aws_iam_policy_document" "intake" {
  statement {
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.registrations.arn]
  }

  statement {
    actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.submissions.arn]
  }
}
