terraform {
  backend "s3" {
    bucket = "acme-state"
    key    = "queue.tfstate"
  }
}

resource "aws_sqs_queue" "jobs" {
  name                       = "jobs"
  visibility_timeout_seconds = 90
}

output "jobs" {
  value = aws_sqs_queue.jobs.arn
}
