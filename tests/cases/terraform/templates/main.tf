resource "terraform_data" "t" {
  input = {
    file   = templatefile("${path.module}/policy.json.tftpl", { arns = ["a", "b"], admin = false })
    iam    = "arn:x:$${aws:username}/%%{x}"
    nested = jsondecode(templatefile("policy.json.tftpl", { arns = [], admin = true }))
    text   = <<-EOT
      %{ for zone in ["a", "b"] ~}
      zone ${zone}
      %{ endfor ~}
    EOT
  }
}

variable "arns" {}

output "unknown" { value = templatefile("policy.json.tftpl", { arns = [test_store.s.arn], admin = false }) }
output "all" { value = templatefile("policy.json.tftpl", { arns = var.arns, admin = false }) }
output "missing" { value = try(templatefile("policy.json.tftpl", { arns = [] }), "fell through") }
output "recursive" { value = can(templatefile("recursive.tftpl", {})) }

resource "test_store" "s" {}
