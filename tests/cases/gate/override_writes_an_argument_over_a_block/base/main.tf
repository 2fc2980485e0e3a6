provider "aws" {
  region = "eu-west-1"
}
resource "aws_security_group" "g" {
  vpc_id = "vpc-1"
  ingress {
    from_port = 22
    to_port = 22
    protocol = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
