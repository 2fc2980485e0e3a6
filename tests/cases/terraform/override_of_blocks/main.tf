resource "test_firewall" "f" {
  name = "f"

  rule {
    port = 22
  }

  rule {
    port = 80
  }

  log {
    to = "a"
  }

  provisioner "local-exec" {
    command = "true"
  }
}
