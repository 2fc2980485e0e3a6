variable "token" {
  type      = string
  sensitive = true
}

resource "aws_sqs_queue" "q" {
  name = "q"
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "sessions"
  node_type                  = "cache.t4g.micro"
  num_cache_clusters         = 2
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  auth_token                 = var.token
}
