data "template_file" "inline" {
  count    = 2
  template = "n$${n}"
  vars = {
    n = count.index
  }
}

data "template_file" "policy" {
  template = file("${path.module}/templates/policy.json.tmpl")
  vars = {
    effect   = "Allow"
    resource = aws_sqs_queue.orders.arn
  }
}

data "template_file" "of_others" {
  template = var.template
}

data "local_file" "policy" {
  filename = "${path.module}/templates/policy.json"
}

data "local_file" "missing" {
  filename = "${path.module}/templates/nowhere.json"
}

variable "template" {}

resource "aws_sqs_queue" "orders" {}

resource "test_object" "read" {
  first   = data.template_file.inline[0].rendered
  all     = data.template_file.inline[*].rendered
  policy  = data.template_file.policy.rendered
  others  = data.template_file.of_others.rendered
  file    = data.local_file.policy.content
  missing = data.local_file.missing.content
  id      = data.template_file.policy.id
}
