resource "terraform_data" "t" { input = "terraform" }
