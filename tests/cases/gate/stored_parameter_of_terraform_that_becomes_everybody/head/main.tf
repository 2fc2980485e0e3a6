resource "aws_ssm_parameter" "office" {
  name  = "/network/office"
  type  = "String"
  value = "0.0.0.0/0"
}
