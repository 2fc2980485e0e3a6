resource "aws_api_gateway_rest_api" "shop" {
  name = "shop"
}

resource "aws_s3_bucket" "pages" {
  bucket = "acme-shop-pages"
}

resource "aws_api_gateway_resource" "shop" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "shop"
}

resource "aws_api_gateway_resource" "shop_key" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_resource.shop.id
  path_part   = "{key+}"
}

resource "aws_api_gateway_method" "shop" {
  rest_api_id        = aws_api_gateway_rest_api.shop.id
  resource_id        = aws_api_gateway_resource.shop_key.id
  http_method        = "GET"
  authorization      = "NONE"
  request_parameters = { "method.request.path.key" = false }
}

resource "aws_api_gateway_integration" "shop" {
  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.shop_key.id
  http_method             = aws_api_gateway_method.shop.http_method
  integration_http_method = "GET"
  type                    = "AWS"
  credentials             = "arn:aws:iam::111122223333:role/files"
  uri                     = "arn:aws:apigateway:eu-west-1:s3:path/${aws_s3_bucket.pages.id}/shop/{key}"
  request_parameters = {
    "integration.request.path.key" = "method.request.path.key"
  }
}

