resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_iam_policy" "query" {
  name = "query"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"]
      Resource = "arn:aws:s3:::*"
    }]
  })
}
