resource "aws_sns_topic" "news" {
  name              = "news"
  kms_master_key_id = "alias/news"
}
