resource "test_firewall" "f" {
  dynamic "rule" {
    for_each = [443]
    content {
      port = rule.value
    }
  }
}

resource "test_firewall" "nothing" {
  name = "overrides nothing"
}
