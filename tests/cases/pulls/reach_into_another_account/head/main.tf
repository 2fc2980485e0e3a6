data "aws_caller_identity" "current" {}

resource "aws_iam_role" "node" {
  name = "node"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "node" {
  role = aws_iam_role.node.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["ecr:BatchGetImage"], Resource = "arn:aws:ecr:eu-west-1:444455556666:repository/*" }, { Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:Scan"], Resource = "arn:aws:dynamodb:*:444455556666:table/metrics" }]
  })
}
