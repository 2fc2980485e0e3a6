locals {
  by_workspace = {
    default = { public = false, size = 1 }
    prod    = { public = true, size = 10 }
  }
}

resource "test_store" "s" {
  public = local.by_workspace[terraform.workspace].public
  size   = lookup(local.by_workspace, terraform.workspace, { size = 2 }).size
  name   = "store-${terraform.workspace}"
  exact  = terraform.workspace == "prod" ? "a" : "b"
}
