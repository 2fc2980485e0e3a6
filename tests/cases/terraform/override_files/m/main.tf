variable "given" {}

resource "terraform_data" "m" { input = var.given }
