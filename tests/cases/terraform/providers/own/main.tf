provider "test" { region = "own" }

resource "test_a" "own" {}
