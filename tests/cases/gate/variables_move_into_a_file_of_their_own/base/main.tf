terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

variable "days" {
  type        = number
  default     = 14
  description = "How long messages stay"
}

variable "is_fifo" {
  type        = bool
  default     = false
  description = "Whether messages stay in order"
}

resource "aws_sqs_queue" "orders" {
  message_retention_seconds = var.days * 86400
  fifo_queue                = var.is_fifo
}
