resource "aws_iam_user" "pipeline" {
  name = "pipeline"
}

resource "aws_iam_access_key" "pipeline" {
  user = aws_iam_user.pipeline.name
}

resource "aws_ssm_parameter" "pipeline" {
  name  = "/pipeline/key"
  type  = "String"
  value = aws_iam_access_key.pipeline.secret
}
