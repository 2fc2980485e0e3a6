terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_sqs_queue" "orders" {
  message_retention_seconds = var.days * 86400
  fifo_queue                = var.is_fifo
}
