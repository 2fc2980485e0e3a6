provider "aws" {
  region = "eu-west-1"
}

resource "aws_sqs_queue" "jobs" {}

data "aws_ecr_repository" "orders" {
  name = "orders"
}

data "aws_kms_key" "orders" {
  key_id = "alias/orders"
}

resource "aws_kms_key_policy" "orders" {
  key_id = data.aws_kms_key.orders.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Principal = "*", Resource = "*" }]
  })
}

resource "aws_dynamodb_resource_policy" "orders" {
  resource_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
  policy       = <<-POLICY
    {
      "Statement": [
        {"Effect": "Allow", "Action": "dynamodb:GetItem", "Principal": "*", "Resource": "*"}
      ]
    }
  POLICY
}

resource "aws_efs_file_system_policy" "orders" {
  file_system_id = "fs-0123456789abcdef0"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "elasticfilesystem:ClientRootAccess", Principal = { AWS = "*" }, Resource = "*" }]
  })
}

resource "aws_backup_vault_policy" "orders" {
  backup_vault_name = "orders"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "backup:CopyIntoBackupVault", Principal = "*", Resource = "*" }]
  })
}

resource "aws_opensearch_domain_policy" "logs" {
  domain_name = "logs"
  access_policies = jsonencode({
    Statement = [{ Effect = "Allow", Action = "es:ESHttp*", Principal = { AWS = "*" }, Resource = "*" }]
  })
}

resource "aws_cloudwatch_log_destination_policy" "all" {
  destination_name = "all"
  access_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "logs:PutSubscriptionFilter", Principal = { AWS = "444455556666" }, Resource = "*" }]
  })
}
