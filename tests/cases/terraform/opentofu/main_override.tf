resource "terraform_data" "json" { input = "overridden" }
