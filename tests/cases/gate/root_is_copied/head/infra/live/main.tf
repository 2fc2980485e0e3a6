terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_ssm_parameter" "token" {
  name  = "/mail/api_token"
  type  = "String"
  value = var.api_token
}
