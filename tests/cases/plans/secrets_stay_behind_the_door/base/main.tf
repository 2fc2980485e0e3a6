variable "pw" {
  type = string
}

variable "dsn" {
  type = string
}

variable "token" {
  type      = string
  sensitive = true
}

resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  instance_class    = "db.t4g.small"
  allocated_storage = 20
  username          = "orders"
  password          = var.pw
  storage_encrypted = true
}

resource "aws_lambda_function" "api" {
  function_name = "api"
  role          = "arn:aws:iam::111122223333:role/api"
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  filename      = "api.zip"

  environment {
    variables = {
      STAGE  = "live"
      
    }
  }
}
