variable "size" {
  type    = string
  default = "small"
}

locals {
  kept    = "main"
  changed = "main"
}

resource "terraform_data" "t" {
  input            = { size = var.size, kept = local.kept, changed = local.changed }
  triggers_replace = "a"

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [triggers_replace]
  }
}

module "m" {
  source = "./m"
  given  = "main"
}

output "o" { value = "main" }
