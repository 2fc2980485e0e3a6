module "m" { source = "./m" }

variable "settings" { default = { a = { b = 1 } } }

resource "terraform_data" "t" {
  input = {
    output = try(module.m.out, [])
    deep   = try(var.settings.a.c, var.settings.a.b, "none")
    null   = try(null, "d") == null
    can    = [can(var.settings.x), can(var.settings.a)]
    regex  = try(regex("^x", "abc"), "none")
  }
}

output "unread" { value = try(module.unread.out, []) }

module "unread" { source = "acme/thing/test" }
