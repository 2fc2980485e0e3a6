resource "aws_sns_topic" "orders" {
  name = "orders"
}

resource "aws_ssm_parameter" "setting" {
  name  = "/shop/payments_token"
  type  = "String"
  value = "tV7kd92LmQpX4wRz"
}
