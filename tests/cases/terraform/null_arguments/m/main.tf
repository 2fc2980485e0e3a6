variable "key" { default = null }
variable "on" { default = false }

resource "test_store" "s" {
  key  = var.key
  key2 = var.on ? "x" : null
  name = "s"

  rule {
    key = var.key
  }
}
