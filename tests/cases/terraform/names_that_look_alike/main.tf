locals {
  var    = { x = "local" }
  locals = 1
}

variable "x" { default = "variable" }
variable "local" { default = "variable local" }

resource "terraform_data" "each" { input = "each" }

module "data" { source = "./m" }

resource "terraform_data" "t" {
  for_each = toset(["k"])
  input = {
    loop   = [for var in [{ x = "loop" }] : var.x]
    each   = [for each in [{ key = "loop" }] : each.key]
    nested = [for x in [1] : [for x in [2] : x]]
    plain  = [var.x, var.local, local.var.x, each.key]
    module = module.data.path
    object = { var = var.x, (var.x) = 1 }
  }
}

resource "module_thing" "local" { name = "l" }
output "resource" { value = [module_thing.local.name, resource.module_thing.local.id] }
