resource "aws_vpc" "shop" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "shop" {
  vpc_id = aws_vpc.shop.id

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "shop" {
  ami                         = "ami-1"
  instance_type               = "t3.micro"
  associate_public_ip_address = true
  vpc_security_group_ids      = [aws_security_group.shop.id]
}
