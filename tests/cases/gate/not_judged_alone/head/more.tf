resource "google_pubsub_topic" "more" {}
