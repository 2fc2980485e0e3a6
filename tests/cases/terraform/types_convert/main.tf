variable "ports" {
  type    = list(string)
  default = [22, 443]
}

variable "sizes" {
  type    = map(number)
  default = { small = "1", large = "20" }
}

variable "zones" {
  type    = set(string)
  default = ["b", "a", "b"]
}

variable "pair" {
  type    = tuple([string, bool])
  default = [1, "true"]
}

variable "old" {
  type    = list
  default = ["x", 1]
}

resource "terraform_data" "t" {
  input = {
    is_open = contains(var.ports, "22")
    sum     = var.sizes.small + var.sizes["large"]
    zones   = [for zone in var.zones : upper(zone)]
    pair    = var.pair
    old     = var.old
    equal   = [var.ports[0] == 22, var.ports[0] == "22", "1" == 1]
  }
}
