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

resource "aws_cognito_user_pool" "operators" {
  name = "operators"
}

resource "aws_api_gateway_authorizer" "operators" {
  name          = "operators"
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  type          = "COGNITO_USER_POOLS"
  provider_arns = [aws_cognito_user_pool.operators.arn]
}

resource "aws_api_gateway_resource" "admin" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "admin"
}

resource "aws_api_gateway_method" "admin" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.admin.id
  http_method   = "ANY"
  authorization = "COGNITO_USER_POOLS"
  authorizer_id = aws_api_gateway_authorizer.operators.id
  authorization_scopes = ["shop/operate"]
}

resource "aws_api_gateway_integration" "admin" {
  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.admin.id
  http_method             = aws_api_gateway_method.admin.http_method
  integration_http_method = "POST"
  type                    = "AWS_PROXY"
  uri                     = aws_lambda_function.shop.invoke_arn
}

