terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_sqs_queue" "q" {
  for_each = toset(["a", "b"])
  name     = each.key == "a" ? "q-0" : "q-1"
}

moved {
  from = aws_sqs_queue.q[0]
  to   = aws_sqs_queue.q["a"]
}

moved {
  from = aws_sqs_queue.q[1]
  to   = aws_sqs_queue.q["b"]
}
