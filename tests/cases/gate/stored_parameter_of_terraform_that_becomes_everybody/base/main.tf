resource "aws_ssm_parameter" "office" {
  name  = "/network/office"
  type  = "String"
  value = "192.0.2.0/24"
}
