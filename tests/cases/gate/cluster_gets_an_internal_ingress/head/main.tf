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

resource "kubernetes_ingress_v1" "shop" {
  metadata {
    name = "shop"
    annotations = {
      "alb.ingress.kubernetes.io/scheme" = "internal"
    }
  }

  spec {
    ingress_class_name = "alb"

    rule {
      host = "shop.acme.example"
    }
  }
}
