provider "aws" {
  region = "eu-west-1"
}
resource "aws_s3_bucket" "b" {
  bucket = "acme"
}
resource "aws_db_cluster_snapshot" "s" {
  db_cluster_identifier = "prod"
  db_cluster_snapshot_identifier = "s"
  shared_accounts = ["all"]
}
