provider "aws" {
  region = "eu-west-1"
}

variable "password" {
  type = string
}

resource "aws_db_instance" "orders" {
  engine            = "postgres"
  instance_class    = "db.t4g.small"
  allocated_storage = 20
  storage_encrypted = true
  username          = "orders"
  password          = var.password
}
