variable "name" { type = string }
variable "net" {}

module "subnet" {
  source   = "../subnet"
  for_each = toset(var.net.zones)
  zone     = "${var.name}-${each.value}"
}

output "name" { value = var.name }
output "subnets" { value = { for key, subnet in module.subnet : key => subnet.zone } }
