variable "env" { type = string }
variable "offices" { type = list(string) }
resource "aws_security_group" "machines" {
  name   = "machines-${var.env}"
  vpc_id = "vpc-1"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.offices
  }
}
