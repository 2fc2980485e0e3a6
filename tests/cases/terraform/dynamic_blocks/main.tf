variable "logs" { type = list(string) }
variable "log" { type = bool }

locals {
  rules = [{ port = 22, from = ["0.0.0.0/0"] }, { port = 443, from = [] }]
}

resource "test_firewall" "f" {
  rule {
    port = 1
  }

  dynamic "rule" {
    for_each = local.rules
    content {
      port  = rule.value.port
      index = rule.key

      dynamic "source" {
        for_each = toset(rule.value.from)
        iterator = from
        content {
          range = from.value
          port  = rule.value.port
        }
      }
    }
  }

  dynamic "log" {
    for_each = var.logs
    content {
      to   = log.value
      kind = "all"
    }
  }

  dynamic "trace" {
    for_each = var.log ? [1] : []
    content {
      on = true
    }
  }

  dynamic "none" {
    for_each = []
    content {}
  }

  ingress = []
}

resource "test_firewall" "each" {
  dynamic "rule" {
    for_each = { a = 1 }
    content {
      wrong = each.value
    }
  }
}
