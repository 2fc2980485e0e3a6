provider "aws" { region = "eu-west-1" }
resource "aws_sns_topic" "keep" {
  name              = "keep"
  kms_master_key_id = "alias/x"
}
resource "aws_cloudformation_stack" "jobs" {
  name          = "jobs"
  template_body = jsonencode({ Resources = { Q = { Type = "AWS::SQS::Queue" } } })
}
