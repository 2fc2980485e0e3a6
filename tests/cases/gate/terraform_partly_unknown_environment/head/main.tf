variable "settings" {
  type = map(string)
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::111122223333:role/orders"
  handler       = "app.handler"
  runtime       = "python3.13"
  filename      = "orders.zip"

  environment {
    variables = merge(var.settings, { STRIPE_KEY = "sk_live_7hG2kLm9QpRs4tVw8xYz3bCd" })
  }
}
