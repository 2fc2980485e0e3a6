variable "env" {
  type = string
  validation {
    condition     = contains(["dev", "prod"], var.env)
    error_message = "dev or prod"
  }
}

variable "free" {}

variable "net" {
  type = object({ cidr = string })
}

resource "test_store" "s" {
  public = var.env == "dev"
  name   = "${var.free}-store"
  cidr   = var.net.cidr
  size   = { dev = 1, prod = 10 }[var.env]
  cond   = var.free == "x" ? "a" : "a"
}

resource "test_trail" "t" {
  count = var.env == "prod" ? 1 : 0
}

module "m" {
  source    = "./m"
  undefined = 1
}
