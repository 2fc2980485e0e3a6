resource "aws_s3_bucket" "one" {
  bucket = "one-${var.env}"
}
resource "aws_s3_bucket" "two" {
  bucket = "two"
}
resource "aws_sqs_queue" "q" {
  name = "$${q}"
  tags = { "//" = "a key", "a${1}" = true, n = null, x = 1.5 }
}
resource "aws_sqs_queue" "q" {
  name = "again"
  dynamic "x" {
    for_each = "${var.l}"
    content {
      y = "${x.value}"
    }
  }
}
locals {
  a = 1
}
locals {
  b = ["${a}", "%{ if a }b%{ endif }"]
}
resource "aws_sns_topic" "t" {
  lifecycle {
    ignore_changes = ["tags"]
  }
}
variable "v" {
  type    = "list(string)"
  default = ["a$${1}", { "b$${1}" = "$$${c}" }]
}
