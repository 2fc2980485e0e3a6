resource "aws_security_group" "machines" {
  name = "machines"
}
