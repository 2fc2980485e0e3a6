variable "needed" {}
resource "test_thing" "t" { needed = var.needed }
