module "env" {
  source = "../../modules/env"
}
