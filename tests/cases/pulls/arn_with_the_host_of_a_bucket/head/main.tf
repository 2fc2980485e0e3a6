resource "aws_s3_bucket" "in" {
  bucket = "acme-in"
}

resource "aws_iam_user" "loader" {
  name = "loader"
}

resource "aws_iam_user_policy" "loader" {
  user = aws_iam_user.loader.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:PutObject"], Resource = "arn:aws:s3:::${aws_s3_bucket.in.bucket_domain_name}/*" }]
  })
}
