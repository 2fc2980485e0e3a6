resource "aws_sqs_queue" "q" {
  name = "q"
}

resource "aws_iam_role" "lake" {
  name = "lake"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "glue.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "lake" {
  role   = aws_iam_role.lake.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::lake/*" }]
  })
}
