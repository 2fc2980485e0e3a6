resource "google_pubsub_topic" "orders" {}
