variable "a" { default = "of the module" }
resource "terraform_data" "m" { input = var.a }
