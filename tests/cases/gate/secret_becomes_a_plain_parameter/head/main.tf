provider "aws" {
  region = "eu-west-1"
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}
data "aws_secretsmanager_secret_version" "login" {
  secret_id = "prod/login"
}

resource "aws_ssm_parameter" "login" {
  name = "/shop/login"
  type = "String"
  value = data.aws_secretsmanager_secret_version.login.secret_string
}
