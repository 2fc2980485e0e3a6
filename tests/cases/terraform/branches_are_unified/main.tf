variable "role" { default = null }

locals {
  wide   = { n = 2, s = "x" }
  narrow = {}
}

resource "terraform_data" "t" {
  input = {
    unified = jsonencode(true ? local.wide : local.narrow)
    number  = jsonencode(true ? { n = 2 } : {})
    null    = var.role != null ? var.role.name : "none"
    list    = true ? ["a"] : []
    text    = false ? "a" : 1
  }
}
