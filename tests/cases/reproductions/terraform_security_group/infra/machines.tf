resource "aws_instance" "acme_bastion" {
  ami                         = "ami-0abc1234def567890"
  instance_type               = "t3.micro"
  associate_public_ip_address = true
  vpc_security_group_ids      = [aws_security_group.acme_bastion.id]
  tags = {
    Owner = "platform@acme.example"
  }
}
