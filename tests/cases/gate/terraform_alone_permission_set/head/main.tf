resource "aws_sns_topic" "news" {
  name              = "news"
  kms_master_key_id = "alias/news"
}

resource "aws_ssoadmin_managed_policy_attachment" "operators" {
  instance_arn       = "arn:aws:sso:::instance/ssoins-1"
  permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
  managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
