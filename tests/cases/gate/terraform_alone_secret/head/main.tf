resource "aws_sns_topic" "news" {
  name              = "news"
  kms_master_key_id = "alias/news"
}

resource "aws_secretsmanager_secret_version" "login" {
  secret_id     = "login"
  secret_string = "Tr0ub4dor-and-3-S3cret"
}
