locals {
  nets = {
    eu = { cidr = "10.0.0.0/16", on = true, zones = ["a", "b"] }
    us = { cidr = "10.1.0.0/16", on = false, zones = ["a"] }
    ap = { cidr = "10.2.0.0/16", on = true, zones = [] }
  }
}

module "net" {
  source   = "./net"
  for_each = { for name, net in local.nets : name => net if net.on }
  name     = each.key
  net      = each.value
}

module "user" {
  source = "./user"
  count  = length(module.net)
  all    = values(module.net)[*].name
  first  = module.net["eu"].subnets
}

resource "terraform_data" "t" {
  input = { names = module.user[*].names, one = one(module.user[*].names[0] == "ap" ? ["yes"] : []), again = module.net["ap"].name }
}
