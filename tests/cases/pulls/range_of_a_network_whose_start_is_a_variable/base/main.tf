variable "start" {}

variable "allowed_cidr" {}

resource "aws_vpc" "main" {
  cidr_block = "${var.start}.0.0/16"
}

resource "aws_security_group" "proxy" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
