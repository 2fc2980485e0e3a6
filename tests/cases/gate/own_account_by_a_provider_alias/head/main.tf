
resource "aws_iam_role" "exec" {
  assume_role_policy = jsonencode({Statement=[{Effect="Allow",Principal={Service="lambda.amazonaws.com"},Action="sts:AssumeRole"}]})
}

resource "aws_iam_role" "admin" {
  assume_role_policy = jsonencode({Statement=[{Effect="Allow",Principal={AWS="arn:aws:iam::999988887777:root"},Action="sts:AssumeRole"}]})
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}

variable "never" { default = false }
resource "aws_lambda_function" "f" {
  count = 1
  provider = aws.other
  function_name = "f"
  runtime = "nodejs22.x"
  handler = "index.handler"
  filename = "a.zip"
  role = "arn:aws:iam::999988887777:role/x"
}
provider "aws" { alias = "other" }
