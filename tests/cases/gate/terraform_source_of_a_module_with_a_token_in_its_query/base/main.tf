resource "aws_sns_topic" "news" {
  name              = "news"
  kms_master_key_id = "alias/news"
}

module "network" {
  source = "https://modules.acme.com/network.zip"
}
