provider "aws" {
  region = "eu-west-1"
}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({Version="2012-10-17",Statement=[{Effect="Allow",Principal={Service="ecs-tasks.amazonaws.com"},Action="sts:AssumeRole"}]})
}
resource "aws_iam_role_policy_attachment" "a" {
  role = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}
variable "env" {}
resource "aws_iam_policy" "p" {
  policy = file("${path.module}/policies/${var.env}")
}
