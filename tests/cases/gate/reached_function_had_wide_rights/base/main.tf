resource "aws_api_gateway_rest_api" "shop" {
  name = "shop"
}

resource "aws_lambda_function" "shop" {
  function_name = "shop"
  role          = aws_iam_role.shop.arn
  runtime       = "python3.13"
  handler       = "shop.main"
  filename      = "shop.zip"
}

resource "aws_iam_role" "shop" {
  name = "shop"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "shop" {
  role = aws_iam_role.shop.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:PutBucketPolicy", Resource = "*" }]
  })
}

