module "example" {
  source = "../../"
  name   = "example"
}
