provider "aws" {
  region = "eu-west-1"
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}
ephemeral "aws_secretsmanager_secret_version" "login" {
  secret_id = "prod/login"
}

resource "aws_ssm_parameter" "login" {
  name = "/shop/login"
  type = "String"
  value_wo         = ephemeral.aws_secretsmanager_secret_version.login.secret_string
  value_wo_version = 1
}
