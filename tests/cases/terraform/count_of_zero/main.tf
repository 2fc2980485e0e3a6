variable "open" {
  type    = bool
  default = false
}

resource "test_rule" "open" {
  count = var.open ? 1 : 0
  range = "0.0.0.0/0"
}

resource "test_rule" "two" {
  count = 2
  range = "10.0.${count.index}.0/24"
}

output "open" { value = try(test_rule.open[0].range, "none") }
output "two" { value = test_rule.two[*].id }
