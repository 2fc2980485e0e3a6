variable "offices" {
  type = list(string)
}

resource "aws_security_group" "hosts" {
  name = "hosts"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.offices
  }
}
