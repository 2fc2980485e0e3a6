variable "other_policy" {
  type = string
}

variable "registry_policy" {
  type = string
}

module "run" {
  source          = "./run"
  registry_policy = var.registry_policy
  other_policy    = var.other_policy
}

moved {
  from = aws_iam_role.run
  to   = module.run.aws_iam_role.run
}
