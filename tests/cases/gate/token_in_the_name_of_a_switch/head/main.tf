resource "aws_sns_topic" "orders" {
  name = "orders"
}

resource "aws_ssm_parameter" "setting" {
  name  = "/shop/allow_no_token"
  type  = "String"
  value = "false"
}
