variable "public" {
  type    = bool
  default = false
}

variable "name" { default = "n" }

resource "terraform_data" "t" {
  count = var.public ? 1 : 0
  input = var.name
}
