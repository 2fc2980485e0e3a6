variable "stores" {
  default = { a = { public = false }, b = { public = true } }
}

resource "test_store" "s" {
  for_each = var.stores
  name     = each.key
  public   = each.value.public
}

resource "test_block" "b" {
  for_each = test_store.s
  store    = each.value.id
  name     = "${each.key}-block"
}

module "m" {
  source = "./m"
  count  = 1
}

variable "on" { type = bool }

resource "test_maybe" "m" {
  for_each = var.on ? { a = 1, b = 2 } : { b = 2, c = 3 }
  value    = each.value
}

output "maybe" { value = test_maybe.m["b"].id }
output "escaped" { value = test_key.k["a\"b${"$"}{c"].id }

resource "test_key" "k" {
  for_each = toset(["a\"b$${c"])
}
