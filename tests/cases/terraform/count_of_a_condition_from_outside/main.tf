variable "open" { type = bool }
variable "copies" { type = number }

resource "test_rule" "open" {
  count = var.open ? 1 : 0
  range = "0.0.0.0/0"
}

resource "test_rule" "some" {
  count = var.open ? 3 : 1
  port  = 1000 + count.index
}

resource "test_rule" "many" {
  count = var.copies
  port  = 1000 + count.index
  peer  = test_rule.open[0].id
}

resource "test_rule" "wrong" {
  count = "a"
}

output "first" { value = try(test_rule.open[0].range, "none") }
output "one" { value = one(test_rule.open[*].id) }
output "some" { value = test_rule.some[*].id }
output "many" { value = [test_rule.many[*].id, test_rule.many[2].id, length(test_rule.many)] }
