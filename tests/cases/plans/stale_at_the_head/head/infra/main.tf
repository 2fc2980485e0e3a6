variable "office" {
  type        = string
  description = "Who may come in."
}

resource "aws_security_group" "db" {
  name        = "db"
  description = "All orders"

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = [var.office]
  }
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  instance_class          = "db.t4g.small"
  allocated_storage       = 20
  username                = "orders"
  manage_master_user_password = true
  publicly_accessible     = true
  storage_encrypted       = true
  vpc_security_group_ids  = [aws_security_group.db.id]
}
