provider "aws" {
  region = "eu-west-1"
}
data "aws_security_group" "s" {
  name = "locked"
}
resource "aws_instance" "i" {
  ami = "ami-1"
  instance_type = "t3.small"
  vpc_security_group_ids = [data.aws_security_group.s.id]
  metadata_options {
    http_tokens = "required"
  }
}
