terraform {
  required_providers {
    test = { source = "acme/test", version = ">= 5.0", configuration_aliases = [test.src] }
  }
}

resource "test_a" "m" {}

resource "test_a" "src" {
  provider = test.src
}
