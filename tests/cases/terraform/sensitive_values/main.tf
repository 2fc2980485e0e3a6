variable "password" {
  sensitive = true
  default   = "hush"
}

variable "token" {
  type      = string
  ephemeral = true
}

resource "test_database" "d" {
  password = var.password
  url      = "db://user:${var.password}@host"
  open     = var.password == "hush"
  token    = var.token
}

output "password" {
  value     = var.password
  sensitive = true
}

output "shown" { value = nonsensitive(var.password) }
