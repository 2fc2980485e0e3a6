variable "stage" {
  type    = string
  default = "test"
}


resource "aws_security_group" "bastion" {
  name = "bastion"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.stage == "production" ? ["0.0.0.0/0"] : ["10.20.0.0/16"]
  }
}
