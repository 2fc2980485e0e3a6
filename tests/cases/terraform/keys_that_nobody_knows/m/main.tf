variable "id" {}
resource "test_thing" "t" { id = var.id }
output "out" { value = test_thing.t.arn }
output "text" { value = "known" }
