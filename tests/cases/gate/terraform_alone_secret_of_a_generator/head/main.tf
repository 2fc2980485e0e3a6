resource "aws_sns_topic" "news" {
  name              = "news"
  kms_master_key_id = "alias/news"
}

resource "random_password" "login" {
  length = 32
}

resource "aws_secretsmanager_secret_version" "login" {
  secret_id     = "login"
  secret_string = random_password.login.result
}
