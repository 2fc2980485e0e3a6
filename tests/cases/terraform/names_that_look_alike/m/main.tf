output "path" { value = "m" }
