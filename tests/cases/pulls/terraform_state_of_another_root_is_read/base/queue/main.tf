terraform {
  backend "s3" {
    bucket = "acme-state"
    key    = "queue.tfstate"
  }
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

output "jobs" {
  value = aws_sqs_queue.jobs.arn
}
