module "again" { source = "../self" }
resource "test_thing" "t" {}
