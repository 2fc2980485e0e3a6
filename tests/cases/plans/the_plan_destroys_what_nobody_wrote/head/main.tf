resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  tags         = { Note = "b" }

  attribute {
    name = "id"
    type = "S"
  }
}
