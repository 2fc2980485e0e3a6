variable "subnets" { type = list(string) }

variable "users" {
  type    = map(object({ admin = bool }))
}

resource "test_instance" "i" {
  for_each = toset(var.subnets)
  subnet   = each.value
  public   = true
}

resource "test_address" "a" {
  for_each = test_instance.i
  instance = each.value.id
  name     = "ip-${each.key}"
}

resource "test_user" "u" {
  for_each = var.users
  admin    = each.value.admin
}

module "m" {
  source   = "./m"
  for_each = test_instance.i
  id       = each.value.id
}

resource "test_list" "l" {
  for_each = ["not", "a", "set"]
}

output "ids" { value = test_instance.i["x"].id }
output "all" { value = [for instance in test_instance.i : instance.id] }
output "module" { value = [module.m["x"].out, module.m["x"].text, values(module.m)] }
