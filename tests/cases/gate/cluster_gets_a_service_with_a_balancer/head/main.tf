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

resource "kubernetes_service_v1" "shop" {
  metadata {
    name = "shop"
  }

  spec {
    type = "LoadBalancer"

    port {
      port = 443
    }
  }
}
