resource "aws_redshiftserverless_namespace" "sales" {
  namespace_name        = "sales"
  manage_admin_password = true
}

resource "aws_redshiftserverless_workgroup" "sales" {
  namespace_name      = aws_redshiftserverless_namespace.sales.namespace_name
  workgroup_name      = "sales"
  publicly_accessible = false
}
