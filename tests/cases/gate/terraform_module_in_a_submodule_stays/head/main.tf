provider "aws" {
  region = "eu-west-1"
}

resource "aws_sqs_queue" "orders" {
  name = "orders-2"
}

module "reports" {
  source = "./our-modules/bucket"
  name   = "reports"
}
