resource "test_store" "s" {}
resource "test_block" "b" {
  count = 1
  store = test_store.s.id
}
