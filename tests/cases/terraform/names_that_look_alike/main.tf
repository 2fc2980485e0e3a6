locals {
  var    = { y = "local" }
  locals = 1
}

variable "y" { default = "variable" }
variable "local" { default = "variable local" }

resource "terraform_data" "each" { input = "each" }

module "data" { source = "./m" }

resource "terraform_data" "t" {
  for_each = toset(["k"])
  input = {
    loop   = [for local in [{ y = "loop" }, { y = 2 }] : "${local.y}-${each.key}"]
    each   = [for each in [{ key = "loop" }] : each.key]
    nested = [for x in [1] : [for x in [2] : x]]
    plain  = [var.y, var.local, local.var.y, each.key]
    module = module.data.path
    object = { var = var.y, (var.y) = 1 }
  }
}

resource "module_thing" "local" { name = "l" }
output "resource" { value = [module_thing.local.name, resource.module_thing.local.id] }
