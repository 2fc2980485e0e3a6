variable "retain" {
  type    = number
  default = 30
}

variable "strict" {
  type     = bool
  default  = true
  nullable = false
}

resource "terraform_data" "d" {
  input = { retain = var.retain, strict = var.strict, days = coalesce(var.retain, 7) }
}
