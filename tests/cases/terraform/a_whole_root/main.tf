variable "env" {
  type    = string
  default = "prod"
}

variable "stores" {
  type = list(object({
    name    = string
    public  = optional(bool)
    readers = optional(set(string), ["nobody"])
    rules   = optional(list(object({ days = optional(number, 7), to = string })), [])
  }))
  default = [
    { name = "logs", rules = [{ to = "cold" }, { days = 1, to = "gone" }] },
    { name = "site", public = true, readers = ["b", "a", "a"] },
  ]
}

variable "features" {
  type    = map(any)
  default = { a = 1, b = 2 }
}

locals {
  is_prod = var.env == "prod"
  by_name = { for store in var.stores : store.name => store }
  public  = [for store in var.stores : store.name if coalesce(store.public, false)]
  pairs   = flatten([for store in var.stores : [for rule in store.rules : { store = store.name, to = rule.to, days = rule.days }]])
  sizes   = { dev = 1, prod = 3 }
  list    = yamldecode(file("${path.module}/list.yaml"))
  text    = <<-EOT
    {
      "env": "${var.env}",
      %{ if local.is_prod ~}
      "prod": true
      %{ else ~}
      "prod": false
      %{ endif ~}
    }
  EOT
}

resource "terraform_data" "store" {
  for_each = local.by_name
  input    = merge(each.value, { prod = local.is_prod })
}

resource "terraform_data" "rule" {
  for_each = { for pair in local.pairs : "${pair.store}-${pair.to}" => pair }
  input    = [each.key, each.value.days * 2, terraform_data.store[each.value.store].input.name]
}

resource "terraform_data" "copies" {
  count = local.sizes[var.env] - (length(local.public) > 0 ? 1 : 0)
  input = format("%s-%02d", var.env, count.index)
}

resource "terraform_data" "none" {
  for_each = toset([])
  input    = each.key
}

resource "terraform_data" "named" {
  for_each = { for item in local.list : item.name => item if try(item.on, true) }
  input    = { ports = [for port in try(each.value.ports, []) : tostring(port)], default = try(each.value.kind, "plain") }
}

module "net" {
  source   = "./net"
  for_each = toset(keys(local.sizes))
  name     = each.value
  size     = each.value == "prod" ? local.sizes.prod : null
}

resource "terraform_data" "all" {
  input = {
    copies    = terraform_data.copies[*].input
    first     = one([for copy in terraform_data.copies : copy.input if endswith(copy.input, "00")])
    last      = element(terraform_data.copies, -1 + length(terraform_data.copies)).input
    none      = length(terraform_data.none)
    keys      = keys(terraform_data.store)
    names     = values(module.net)[*].name
    sizes     = { for key, net in module.net : key => net.size }
    legacy    = terraform_data.copies.0.input
    nested    = [for key, store in local.by_name : [for rule in store.rules : "${key}:${rule.to}"]]
    grouped   = { for pair in local.pairs : pair.store => pair.to... }
    text      = jsondecode(local.text)
    features  = [for key, value in var.features : "${key}=${value}"]
    chosen    = local.is_prod ? "yes" : tostring(null)
    zipped    = zipmap(["x", "y"], [1, 2])
    cidrs     = cidrsubnets("10.0.0.0/16", 4, 8)
    matched   = try(regex("^(\\w+)-(\\d+)$", "prod-12"), [])
    formatted = formatlist("%s!", local.public)
    ranged    = [for n in range(3) : n if n != 1]
    product   = [for pair in setproduct(["a"], ["b", "c"]) : join("-", pair)]
    null      = [for v in [null, "x"] : v == null ? "was null" : v]
    lookup    = lookup(var.features, "c", 5)
    sorted    = sort(distinct(concat(["b"], ["a", "b"])))
    trimmed   = trimspace(<<EOT
  x
EOT
    )
  }
}

output "all" { value = terraform_data.all.input }
