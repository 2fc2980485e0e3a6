provider "aws" {
  region = "eu-west-1"
}

variable "cidrs" {
  type = list(string)
}

variable "name" {
  type = string
}

resource "aws_security_group" "db" {
  name = var.name

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = var.cidrs
  }
}
