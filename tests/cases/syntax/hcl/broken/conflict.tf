resource "aws_sqs_queue" "q" {
  name = "q"
<<<<<<< HEAD
  sqs_managed_sse_enabled = true
=======
  sqs_managed_sse_enabled = false
>>>>>>> topic
}

resource "aws_sqs_queue" "r" {
  name = "r"
}
