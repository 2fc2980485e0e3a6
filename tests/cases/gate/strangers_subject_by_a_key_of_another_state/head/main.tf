resource "aws_sns_topic" "orders" {
  name = "orders"
}

data "terraform_remote_state" "cluster" {
  backend = "s3"
  config = {
    bucket = "acme-states"
    key    = "cluster.tfstate"
    region = "eu-west-1"
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [data.terraform_remote_state.cluster.outputs.oidc.arn]
    }
    condition {
      test     = "StringEquals"
      variable = data.terraform_remote_state.cluster.outputs.oidc.subject_key
      values   = ["system:serviceaccount:mail:sender"]
    }
  }
}

resource "aws_iam_role" "support" {
  name               = "support"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "view" {
  role       = aws_iam_role.support.name
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}
