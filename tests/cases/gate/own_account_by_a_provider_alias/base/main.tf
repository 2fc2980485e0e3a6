
resource "aws_iam_role" "exec" {
  assume_role_policy = jsonencode({Statement=[{Effect="Allow",Principal={Service="lambda.amazonaws.com"},Action="sts:AssumeRole"}]})
}
