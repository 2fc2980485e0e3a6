variable "cidr" {
  type = string
}

resource "aws_security_group" "web" {
  name = "web"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.cidr]
  }
}

resource "aws_instance" "bastion" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t4g.nano"
  associate_public_ip_address = true
  vpc_security_group_ids      = [aws_security_group.web.id]
}
