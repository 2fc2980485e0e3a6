locals {
  common  = { kind = "queue", limits = [{ per = "day", most = 5 }], tags = { by = "us" } }
  special = { limits = [{ per = "hour" }], tags = { of = "them" } }
}

resource "terraform_data" "t" {
  input = [jsonencode(merge(local.common, local.special)), merge(local.common.tags, null, { by = "you" }), { port = 1, host = "h", port = 2 }]
}
