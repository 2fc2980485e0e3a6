resource "aws_lambda_function" "intake" {
  function_name = "intake"
  runtime       = "python3.13"
  handler       = "intake.handler"
  filename      = "intake.zip"
  role          = "arn:aws:iam::111122223333:role/intake"
}

resource "aws_lambda_function_url" "form" {
  function_name      = aws_lambda_function.intake.function_name
  authorization_type = "NONE"
}
