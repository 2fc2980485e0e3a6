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

resource "aws_api_gateway_resource" "files" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "files"
}

resource "aws_api_gateway_resource" "files_key" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_resource.files.id
  path_part   = "{key+}"
}

resource "aws_api_gateway_method" "files" {
  rest_api_id        = aws_api_gateway_rest_api.shop.id
  resource_id        = aws_api_gateway_resource.files_key.id
  http_method        = "GET"
  authorization      = "NONE"
  request_parameters = { "method.request.path.key" = false }
}

resource "aws_api_gateway_integration" "files" {
  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.files_key.id
  http_method             = aws_api_gateway_method.files.http_method
  integration_http_method = "GET"
  type                    = "AWS"
  credentials             = "arn:aws:iam::111122223333:role/files"
  uri                     = "arn:aws:apigateway:eu-west-1:s3:path/{bucket}/{key}"
  request_parameters = {
    "integration.request.path.key"    = "method.request.path.key"
    "integration.request.path.bucket" = "method.request.header.bucket"
  }
}

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_resource" "orders_key" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_resource.orders.id
  path_part   = "{key+}"
}

resource "aws_api_gateway_method" "orders" {
  rest_api_id        = aws_api_gateway_rest_api.shop.id
  resource_id        = aws_api_gateway_resource.orders_key.id
  http_method        = "POST"
  authorization      = "AWS_IAM"
  request_parameters = { "method.request.path.key" = false }
}

resource "aws_api_gateway_integration" "orders" {
  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.orders_key.id
  http_method             = aws_api_gateway_method.orders.http_method
  integration_http_method = "POST"
  type                    = "AWS"
  credentials             = "arn:aws:iam::111122223333:role/files"
  uri                     = "arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem"
  request_templates = {
    "application/json" = "{\"TableName\": \"orders\", \"Item\": $input.body}"
  }
}

