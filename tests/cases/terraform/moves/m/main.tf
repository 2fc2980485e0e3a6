moved {
  from = test_queue.a
  to   = test_queue.b
}

resource "test_queue" "b" {}
