provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "reports"
  region = "eu-west-1"

  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/deploys"
  }
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

resource "aws_s3_bucket_policy" "reports" {
  provider = aws.reports
  bucket   = aws_s3_bucket.reports.id
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Principal = { AWS = aws_iam_role.reads.arn }
      Resource  = "${aws_s3_bucket.reports.arn}/*"
    }]
  })
}

resource "aws_iam_role_policy" "reads" {
  role = aws_iam_role.reads.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.reports.arn}/*" }]
  })
}
