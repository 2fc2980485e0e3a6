variable "guard" { default = true }

resource "test_store" "guarded" {
  depends_on = [test_store.all]
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags["a"], policy, rule[0].name, "old"]
    precondition {
      condition     = var.guard
      error_message = "no"
    }
  }
}

resource "test_store" "all" {
  lifecycle {
    ignore_changes = all
    destroy        = false
  }

  provisioner "local-exec" {
    command = "echo ${self.id}"
  }

  connection {
    host = self.ip
  }
}

check "health" {
  data "test_http" "page" {
    url = "https://example.com"
  }

  assert {
    condition     = data.test_http.page.status == 200
    error_message = "down"
  }
}

ephemeral "test_secret" "s" {
  name = "n"
}

output "secret" { value = ephemeral.test_secret.s.value }

action "test_invoke" "a" {
  config {
    name = "n"
  }
}
