resource "aws_iam_user" "ci" {
  name = "ci"
}

resource "aws_iam_user_policy" "ci" {
  user = aws_iam_user.ci.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["ecr-public:GetAuthorizationToken", "ecr-public:BatchCheckLayerAvailability"], Resource = "*" }]
  })
}
