resource "aws_kms_key" "files" {}

resource "aws_iam_role" "reader" {
  name = "reader"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_kms_grant" "reader" {
  key_id            = aws_kms_key.files.key_id
  grantee_principal = "arn:aws:iam::444455556666:role/reader"
  operations        = ["Decrypt"]
}
