terraform {
  backend "s3" {
    bucket = "acme-state"
    key    = "app.tfstate"
  }
}

data "terraform_remote_state" "queue" {
  backend = "s3"

  config = {
    bucket = "acme-state"
    key    = "queue.tfstate"
  }
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

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = aws_iam_role.runs.arn
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  filename      = "orders.zip"
}

resource "aws_iam_role_policy" "sends" {
  role = aws_iam_role.runs.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = data.terraform_remote_state.queue.outputs.jobs
    }]
  })
}

resource "aws_lambda_function_url" "orders" {
  function_name      = aws_lambda_function.orders.function_name
  authorization_type = "NONE"
}
