data "aws_ec2_managed_prefix_list" "office" {
  filter {
    name   = "prefix-list-name"
    values = ["office"]
  }
}

data "aws_vpc" "main" {
  tags = { Name = "main" }
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = data.aws_vpc.main.id

  dynamic "ingress" {
    for_each = data.aws_ec2_managed_prefix_list.office.entries
    content {
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = [ingress.value.cidr]
    }
  }
}

resource "aws_instance" "bastion" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t4g.nano"
  associate_public_ip_address = true
  vpc_security_group_ids      = [aws_security_group.web.id]
}
