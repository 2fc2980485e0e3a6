resource "terraform_data" "m" {}
