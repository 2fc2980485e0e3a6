terraform {
  required_version = ">= 1.5"
  required_providers {
    test  = { source = "acme/test", version = ">= 4.0, < 6.0.0" }
    other = { source = "acme/other", version = "~> 3.1", configuration_aliases = [other.x] }
    open  = ">= 2"
    free  = { source = "acme/free" }
  }
  backend "local" {}
}

provider "test" { region = "a" }

provider "test" {
  alias  = "eu"
  region = "b"
  assume_role {
    role = "arn:x"
  }
}

resource "test_a" "default" {}

resource "test_a" "eu" {
  provider = test.eu
}

resource "test_a" "none" {
  provider = other
}

module "inherits" { source = "./m" }

module "mapped" {
  source = "./m"
  providers = {
    test     = test.eu
    test.src = test
  }
}

module "own" { source = "./own" }
