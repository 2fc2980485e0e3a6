terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    kubernetes = {
      source = "hashicorp/kubernetes"
    }
    helm = {
      source = "hashicorp/helm"
    }
  }
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "helm_release" "shop" {
  name  = "shop"
  chart = "${path.module}/chart"

  values = [templatefile("${path.module}/values.yaml.tpl", { queue = aws_sqs_queue.jobs.url })]
}
