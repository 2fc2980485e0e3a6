module "admin" {
  source = "../modules/admin"
}
