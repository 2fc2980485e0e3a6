provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "reports"
  region = "us-east-1"
}

resource "aws_iam_role" "reads" {
  name = "reads"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_lambda_function" "reads" {
  function_name = "reads"
  role          = aws_iam_role.reads.arn
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  filename      = "reads.zip"
}

resource "aws_s3_bucket" "reports" {
  provider = aws.reports
  bucket   = "acme-reports"
}
