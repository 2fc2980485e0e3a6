moved {
  from = terraform_data.before
  to   = terraform_data.after
}

moved {
  from = terraform_data.list[0]
  to   = terraform_data.list["a"]
}

moved {
  from = module.old
  to   = module.m["a"]
}

removed {
  from = test_store.left
  lifecycle {
    destroy = false
  }
}

removed {
  from = test_store.destroyed
  lifecycle {
    destroy = true
  }
}

import {
  for_each = toset(["x", "y"])
  to       = test_store.s[each.key]
  id       = each.key
}

resource "terraform_data" "after" {}

resource "test_store" "s" {
  for_each = toset(["x", "y"])
}

module "m" {
  source   = "./m"
  for_each = toset(["a"])
}
