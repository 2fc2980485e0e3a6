data "aws_caller_identity" "own" {}

resource "aws_lambda_function" "notify" {
  function_name = "notify"
  role          = aws_iam_role.shared.arn
  runtime       = "python3.13"
  handler       = "notify.main"
  filename      = "notify.zip"
}

resource "aws_iam_role" "shared" {
  name                = "shared"
  permissions_boundary = "arn:aws:iam::${data.aws_caller_identity.own.account_id}:policy/acme-boundary"
  managed_policy_arns = ["arn:aws:iam::${data.aws_caller_identity.own.account_id}:policy/acme-minimal"]
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

