resource "aws_lambda_function" "send" {
  function_name = "send"
  role          = "arn:aws:iam::111122223333:role/send"
  handler       = "send.handler"
  runtime       = "nodejs22.x"
  filename      = "send.zip"
}

variable "guarded" {
  type = bool
}

resource "aws_apigatewayv2_api" "chat" {
  name                       = "chat"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
}

resource "aws_apigatewayv2_integration" "send" {
  api_id           = aws_apigatewayv2_api.chat.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.send.invoke_arn
}

resource "aws_apigatewayv2_route" "send" {
  api_id    = aws_apigatewayv2_api.chat.id
  route_key = "send"
  target    = "integrations/${aws_apigatewayv2_integration.send.id}"
}

resource "aws_apigatewayv2_route" "connect" {
  count              = var.guarded ? 1 : 0
  api_id             = aws_apigatewayv2_api.chat.id
  route_key          = "$connect"
  authorization_type = "AWS_IAM"
  target             = "integrations/${aws_apigatewayv2_integration.send.id}"
}
