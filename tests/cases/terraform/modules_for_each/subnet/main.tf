variable "zone" {}
resource "terraform_data" "s" { input = var.zone }
output "zone" { value = terraform_data.s.input }
