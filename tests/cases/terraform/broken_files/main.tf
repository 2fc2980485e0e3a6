resource "test_store" "s" {
  name   = "s"
  policy = {
}

resource "test_store" "t" {
  name = local.there
  gone = var.maybe_in_the_broken_part
}

locals { there = "yes" }
attribute = 1
unknown_block "x" {}
resource "test_store" "t" {
  name = "twice"
}
