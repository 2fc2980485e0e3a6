module "b" {
  source = "./echo"
  in     = module.a.out
  more   = module.a.late
}

module "a" {
  source = "./echo"
  in     = "x"
  more   = module.b.out
}

resource "terraform_data" "t" {
  count = length(module.b.out)
  input = [module.b.out, module.b.late, module.a.late]
}
