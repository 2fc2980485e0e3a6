resource "terraform_data" "a" { input = "x" }

resource "terraform_data" "t" {
  input = {
    prefix  = startswith("logs/${terraform_data.a.id}", "logs/")
    null    = terraform_data.a.id == null
    length  = length([terraform_data.a.id])
    unknown = terraform_data.a.output == "no" ? 1 : 2
    joined  = "logs/${terraform_data.a.id}"
    empty   = "${terraform_data.a.id}-y" != ""
  }
}

resource "test_store" "one" {}

resource "test_store" "many" {
  for_each = toset(["a", "b"])
}

resource "test_user" "u" {
  one     = test_store.one.arn
  deep    = test_store.one.rule[0].name
  splat   = test_store.one[*].arn
  inside  = test_store.one.rules[*].name
  named   = test_store.many["a"].arn
  all     = [for key, store in test_store.many : store.arn]
  values  = values(test_store.many)[*].arn
  policy  = jsonencode({ Resource = [test_store.one.arn, "${test_store.one.arn}/*"] })
  missing = test_store.nowhere.arn
  typed   = try(test_store.nowhere[0].arn, "none")
}
