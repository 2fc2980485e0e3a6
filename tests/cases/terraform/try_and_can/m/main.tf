output "out" { value = ["a"] }
