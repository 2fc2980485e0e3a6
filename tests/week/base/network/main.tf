terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_security_group" "reports" {
  name   = "reports"
  vpc_id = "vpc-0a1b2c3d"
}

resource "aws_vpc_security_group_ingress_rule" "reports" {
  security_group_id = aws_security_group.reports.id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
}

resource "aws_db_instance" "reports" {
  identifier             = "reports"
  engine                 = "postgres"
  instance_class         = "db.t4g.small"
  allocated_storage      = 20
  storage_encrypted      = true
  username               = "reports"
  manage_master_user_password = true
  publicly_accessible    = true
  vpc_security_group_ids = [aws_security_group.reports.id]
}
