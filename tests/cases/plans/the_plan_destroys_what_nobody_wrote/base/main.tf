resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  tags         = { Note = "a" }

  attribute {
    name = "id"
    type = "S"
  }
}
