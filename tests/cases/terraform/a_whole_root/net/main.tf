variable "name" { type = string }

variable "size" {
  type    = number
  default = 9
}

resource "terraform_data" "n" {
  count = coalesce(var.size, 1)
  input = "${var.name}${count.index + 1}"
}

output "name" { value = upper(var.name) }
output "size" { value = length(terraform_data.n) }
