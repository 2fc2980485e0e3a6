locals {
  base  = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "read" }] }
  extra = { Statement = [{ Effect = "Allow", Action = "*" }] }
}

resource "terraform_data" "t" {
  input = [jsonencode(merge(local.base, local.extra)), merge({ a = { x = 1 } }, null, { a = { y = 2 } }), { acl = "private", acl = "public" }]
}
