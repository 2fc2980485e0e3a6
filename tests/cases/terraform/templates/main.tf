resource "terraform_data" "t" {
  input = {
    file   = templatefile("${path.module}/access.json.tftpl", { users = ["ann", "bob"], root = false })
    iam    = "home/$${user}/%%{x}"
    nested = jsondecode(templatefile("access.json.tftpl", { users = [], root = true }))
    text   = <<-EOT
      %{ for zone in ["a", "b"] ~}
      zone ${zone}
      %{ endfor ~}
    EOT
  }
}

variable "users" {}

output "unknown" { value = templatefile("access.json.tftpl", { users = [test_user.u.arn], root = false }) }
output "all" { value = templatefile("access.json.tftpl", { users = var.users, root = false }) }
output "missing" { value = try(templatefile("access.json.tftpl", { users = [] }), "fell through") }
output "recursive" { value = can(templatefile("recursive.tftpl", {})) }

resource "test_user" "u" {}
