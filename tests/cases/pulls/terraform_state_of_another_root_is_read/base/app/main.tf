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
