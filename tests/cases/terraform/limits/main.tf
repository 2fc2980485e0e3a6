resource "test_store" "many" {
  count = 5000
  name  = "n${count.index}"
}

resource "test_store" "far" {
  for_each = { for n in range(1024) : "k${n}" => n if n < 2 }
  name     = each.key
}

output "far" { value = test_store.many[4999].id }
