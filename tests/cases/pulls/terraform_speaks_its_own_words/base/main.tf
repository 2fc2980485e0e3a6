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
}
