locals {
  a = merge(var.a, {
    b = 1
  }
  c = 2
}

output "d" {
  value = local.c
}
