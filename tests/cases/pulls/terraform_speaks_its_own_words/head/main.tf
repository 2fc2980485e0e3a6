variable "mail_password" {}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_iam_role" "runs" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_lambda_function" "form" {
  function_name = "form"
  role          = aws_iam_role.runs.arn
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  filename      = "form.zip"

  environment {
    variables = {
      MAIL_PASSWORD = var.mail_password
      API_TOKEN     = "6f1d8e0c9b5a4a7f8d2e3c1b0a9f8e7d"
    }
  }
}

resource "aws_lambda_function_url" "form" {
  function_name      = aws_lambda_function.form.function_name
  authorization_type = "NONE"
}

resource "aws_lambda_function_event_invoke_config" "mail" {
  function_name = "mail"

  destination_config {
    on_failure {
      destination = "arn:aws:sqs:eu-west-1:111122223333:failed"
    }
  }
}
