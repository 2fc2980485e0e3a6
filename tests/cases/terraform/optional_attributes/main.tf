variable "buckets" {
  type = map(object({
    public = optional(bool, false)
    rule = optional(object({
      days  = optional(number, 30)
      class = optional(string)
    }), {})
    tags = optional(map(string), { by = "us" })
  }))
  default = {
    a = {}
    b = { public = null, rule = { days = null, class = "cold", unknown = 1 } }
    c = { public = "true", rule = null, tags = { by = 1 } }
  }
}

resource "terraform_data" "b" {
  for_each = var.buckets
  input    = each.value
}
