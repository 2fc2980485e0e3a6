resource "aws_sns_topic" "orders" {
  kms_master_key_id = "alias/shop"
}
