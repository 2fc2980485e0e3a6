variable "all" {}
variable "first" {}
resource "terraform_data" "u" { input = [var.all, var.first] }
output "names" { value = var.all }
