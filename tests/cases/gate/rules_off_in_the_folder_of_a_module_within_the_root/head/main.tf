module "machines" {
  source = "./examples/machines"
}
