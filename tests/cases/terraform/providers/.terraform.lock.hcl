provider "registry.terraform.io/acme/other" {
  version     = "3.4.1"
  constraints = "~> 3.1"
  hashes      = []
}

provider "registry.terraform.io/hashicorp/third" {
  version = "7.0.0"
}
