variable "on" { type = bool }

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.0"
  name    = "v"
  subnets = ["a"]
}

module "many" {
  source   = "git::https://example.com/acme/modules.git//queue?ref=v1"
  for_each = toset(["x", "y"])
  name     = each.key
}

module "maybe" {
  source = "acme/thing/test"
  count  = var.on ? 1 : 0
}

module "gone" { source = "./gone" }
module "outside" { source = "../../outside" }
module "unknown" { source = "./${var.on}" }

resource "test_instance" "i" {
  subnet = module.vpc.private_subnets[0]
  all    = module.vpc.private_subnets
  ids    = module.vpc.subnets[*].id
  queue  = module.many["x"].arn
  queues = [for name, queue in module.many : queue.arn]
  maybe  = one(module.maybe[*].arn)
  gone   = module.gone.id
}
