resource "test_object" "m" {
  own  = file("${path.module}/a.txt")
  root = fileexists("a.txt")
}

output "path" { value = path.module }
