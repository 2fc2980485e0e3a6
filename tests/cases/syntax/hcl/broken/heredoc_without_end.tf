resource "aws_iam_role" "r" {
  assume_role_policy = <<POLICY
{
  "Version": "2012-10-17"
}
POLICY)
  name = "r"
}

resource "aws_iam_role" "s" {
  name = "s"
}
