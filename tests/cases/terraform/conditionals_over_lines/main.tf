variable "sizes" {
  default = { small = 1, large = 8 }
}

locals {
  by_size = {
    for name, size in var.sizes : name => size > 4 ?
    "many" : # what follows a colon may stand on the next line
    "few"
  }
  in_parentheses = (
    # why
    length(local.by_size) > 1
    ? "several" // of them
    : /* none */ "one"
  )
  in_a_call = join("-", [
    for name in keys(var.sizes) :
    name == "small"
    ? upper(name)
    : name
  ])
}

resource "terraform_data" "x" {
  input = { a = local.by_size, b = local.in_parentheses, c = local.in_a_call }
}
