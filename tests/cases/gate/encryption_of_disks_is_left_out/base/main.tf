terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_instance" "orders" {
  ami           = "ami-0a1b2c3d"
  instance_type = "t3.small"

  root_block_device {
    volume_size = 20
    encrypted   = true
  }
}

resource "aws_ebs_volume" "orders" {
  availability_zone = "eu-west-1a"
  size              = 20
  encrypted   = true
}
