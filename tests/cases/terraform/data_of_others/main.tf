data "terraform_remote_state" "net" {
  backend = "s3"
  config  = { key = "net" }
}

data "test_account" "me" {}

data "test_zones" "z" {
  count = 2
  name  = "z${count.index}"
}

resource "test_store" "s" {
  vpc     = data.terraform_remote_state.net.outputs.vpc_id
  account = "arn:${data.test_account.me.id}:x"
  zones   = data.test_zones.z[*].id
  ids     = [for id in data.test_zones.z[0].ids : id]
}
