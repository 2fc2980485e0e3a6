resource "google_pubsub_topic" "jobs" {
  name = "jobs"
}
