resource "aws_lakeformation_permissions" "orders" {
  principal   = "IAM_ALLOWED_PRINCIPALS"
  permissions = ["ALL"]
  database {
    name = "orders"
  }
}
