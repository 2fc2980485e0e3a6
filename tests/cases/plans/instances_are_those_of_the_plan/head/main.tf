variable "names" {
  type = set(string)
}

variable "tenants" {
  type = number
}

module "bucket" {
  source   = "./bucket"
  for_each = var.names
  name     = each.value
}

resource "aws_sqs_queue" "mail" {
  count = var.tenants
  name  = "mail-${count.index}"
}
