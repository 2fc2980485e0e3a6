variable "token" {
  type      = string
  sensitive = true
}

resource "aws_sqs_queue" "q" {
  name = "q"
}
