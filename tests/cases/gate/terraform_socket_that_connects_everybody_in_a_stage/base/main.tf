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
