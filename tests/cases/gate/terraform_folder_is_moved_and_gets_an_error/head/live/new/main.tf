module "env" {
  source = "../../modules/env"
  "name" "is" = broken
}
