variable "rules" {
  type = map(string)
}

resource "aws_security_group" "of" {
  for_each = var.rules
  name     = replace(each.key, "/", "-")

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [each.value]
  }
}
