# The bastion of Acme.
resource "aws_security_group" "acme_bastion" {
  name   = "acme-bastion"
  vpc_id = aws_vpc.acme.id

  ingress {
    description = "office and whoever is at home"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0", "83.12.4.200/32"]
  }
}

resource "aws_vpc" "acme" {
  cidr_block = "172.20.0.0/16"
}
