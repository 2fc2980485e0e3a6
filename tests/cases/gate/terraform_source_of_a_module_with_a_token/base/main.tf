resource "aws_sns_topic" "news" {
  name              = "news"
  kms_master_key_id = "alias/news"
}

module "network" {
  source = "git::https://github.com/acme/network.git"
}
