resource "aws_sns_topic" "orders" {
  name = "orders"
}

resource "aws_iam_user" "network" {
  name = "network"
}

resource "aws_iam_user_policy_attachment" "network" {
  user       = aws_iam_user.network.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
}
