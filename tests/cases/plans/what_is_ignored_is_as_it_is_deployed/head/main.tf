resource "aws_db_instance" "orders" {
  identifier          = "orders"
  engine              = "postgres"
  instance_class      = "db.t4g.small"
  allocated_storage   = 20
  username            = "orders"
  manage_master_user_password = true
  storage_encrypted   = true
  publicly_accessible = false
  tags                = { Note = "b" }

  lifecycle {
    ignore_changes = [publicly_accessible]
  }
}
