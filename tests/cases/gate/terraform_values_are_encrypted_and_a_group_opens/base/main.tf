provider "aws" {
  region = "eu-west-1"
}

variable "cidrs" {
  type    = list(string)
  default = ["10.0.0.0/16"]
}

variable "queue" {
  type    = string
  default = "orders"
}

resource "aws_sqs_queue" "orders" {
  name = var.queue
}

resource "aws_security_group" "db" {
  name = "db"

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = var.cidrs
  }
}
