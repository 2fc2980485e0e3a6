provider "aws" {
  region = "eu-west-1"
}

variable "stage" {
  default = "dev"
}

resource "aws_security_group" "web" {
  name = "web"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = yamldecode(file("${path.module}/${var.stage}/network.yaml")).office
  }
}
