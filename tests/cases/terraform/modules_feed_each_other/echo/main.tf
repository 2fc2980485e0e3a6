variable "in" {}
variable "more" {}
output "out" { value = "${var.in}!" }
output "late" { value = var.more }
