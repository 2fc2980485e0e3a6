variable "aws_account_number" {
  type    = string
  default = ""
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}
