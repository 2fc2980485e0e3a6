variable "zones" {
  type = "list"
}

resource "aws_sqs_queue" "orders" {
  name                       = "orders"
  visibility_timeout_seconds = 30
}

locals {
  redis = "${merge(local.default_redis, var.redis)}"
  note  = "x",
}

resource "aws_wafv2_web_acl" "front" {
  name  = "front"
  scope = "REGIONAL"
  default_action { allow {} }
}

resource "aws_iam_role_policy" "ship" {
  role   = "ship"
  policy = <<EOF
{
  "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::acme-logs/*"}]
}EOF
}
