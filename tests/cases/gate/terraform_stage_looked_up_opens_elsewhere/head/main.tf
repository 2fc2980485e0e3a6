variable "stage" {
  type    = string
  default = "test"
}

locals {
  sources = {
    test       = ["10.20.0.0/16"]
    production = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "bastion" {
  name = "bastion"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = local.sources[var.stage]
  }
}
