locals {
  a = local.b
  b = [local.a]
}

resource "terraform_data" "t" {
  count = length(terraform_data.t)
}

module "a" {
  source = "./m"
  in     = module.b.out
}

module "b" {
  source = "./m"
  in     = module.a.out
}

module "self" { source = "./self" }

output "o" { value = local.a }
output "m" { value = module.a.out }
