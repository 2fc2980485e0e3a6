variable "rules" {
  default = [{ port = 22, from = ["0.0.0.0/0"] }, { port = 443 }, { port = 22, from = ["10.0.0.0/8"] }]
}

locals { unknown = terraform_data.t.output }

resource "terraform_data" "t" {
  input = {
    from  = [for rule in var.rules : lookup(rule, "from", ["192.168.0.0/16"])]
    ports = { for index, rule in var.rules : rule.port => index... }
    odd   = [for index, rule in var.rules : rule.port if index % 2 == 1]
    keys  = [for key, value in { b = 1, a = 2 } : "${key}${value}"]
    none  = [for rule in [] : rule.port]
  }
}

output "doubled" { value = { for rule in var.rules : rule.port => rule } }
output "maybe" { value = [for rule in var.rules : rule.port if rule.port == 22 || local.unknown == "x"] }
output "unknown" { value = [for item in local.unknown : item] }
output "each" { value = [for id in data.test_subnets.all.ids : "x/${id}"] }
output "ids" { value = [for subnet in data.test_subnets.all.list : subnet.id] }

data "test_subnets" "all" {}
