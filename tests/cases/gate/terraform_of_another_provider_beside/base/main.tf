provider "aws" {
  region = "eu-west-1"
}
resource "aws_s3_bucket" "b" {
  bucket = "acme"
}
provider "kubernetes" {
  host = "https://k"
}
resource "kubernetes_cluster_role_binding" "b" {
  metadata {
    name = "b"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind = "ClusterRole"
    name = "view"
  }
  subject {
    kind = "Group"
    name = "devs"
  }
}
