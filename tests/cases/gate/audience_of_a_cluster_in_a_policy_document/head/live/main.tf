terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

module "cluster" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [module.cluster.oidc_provider_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${module.cluster.oidc_provider}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "shipper" {
  name               = "shipper"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "shipper" {
  role = aws_iam_role.shipper.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "firehose:PutRecord", Resource = "arn:aws:firehose:eu-west-1:111122223333:deliverystream/logs" }]
  })
}
