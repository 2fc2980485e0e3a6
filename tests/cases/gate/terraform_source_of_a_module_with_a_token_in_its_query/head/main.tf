resource "aws_sns_topic" "news" {
  name              = "news"
  kms_master_key_id = "alias/news"
}

module "network" {
  source = "https://modules.acme.com/network.zip?token=ghp_9kQ2m7Zx4Lp8Rt1Vw6Yb3Nc5Hd0Js2Gf8TaE"
}
