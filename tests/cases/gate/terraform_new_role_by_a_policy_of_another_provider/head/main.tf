resource "aws_sqs_queue" "q" {
  name = "q"
}

data "databricks_aws_unity_catalog_policy" "lake" {
  aws_account_id = "111122223333"
  bucket_name    = "lake"
  role_name      = "lake"
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
  policy = data.databricks_aws_unity_catalog_policy.lake.json
}
