variable "watched" {
  type    = bool
  default = false
}

resource "aws_wafv2_web_acl_association" "shield" {
  count = var.watched ? 1 : 0

  resource_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/front/1"
  web_acl_arn  = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1"
}
