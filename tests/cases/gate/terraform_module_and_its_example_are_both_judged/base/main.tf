terraform {
  required_version = ">= 1.5"
}

variable "name" {
  type = string
}

resource "aws_security_group" "web" {
  name = var.name

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
