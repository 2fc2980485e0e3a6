resource "aws_api_gateway_rest_api" "shop" {
  name = "shop"
}

resource "aws_lambda_function" "shop" {
  function_name = "shop"
  role          = "arn:aws:iam::111122223333:role/shop"
  runtime       = "python3.13"
  handler       = "shop.main"
  filename      = "shop.zip"
}

