terraform {
  required_version = ">= 1.0"
}

resource "aws_sqs_queue" "orders" {
  name                       = "orders"
  visibility_timeout_seconds = 30
}

locals {
  redis = merge(local.default_redis, var.redis),
  note  = "x"
}
