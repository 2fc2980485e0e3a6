variable "policies" {
  type = list(string)
}

resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "all" {
  for_each   = toset(concat(var.policies, ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]))
  role       = aws_iam_role.worker.name
  policy_arn = each.value
}
