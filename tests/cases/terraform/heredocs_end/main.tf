locals {
  one_letter = <<E
a word that ends in E
 E is not alone here, nor is E
E
  in_a_call = jsondecode(<<-POLICY
    {"Statement": [{"Effect": "Allow", "Action": "POLICY"}]}
  POLICY
  )
  in_a_list = [
    <<-TEXT
      first
        POLICY) is text
    TEXT
    , "second"
  ]
}

resource "terraform_data" "x" {
  input = { a = local.one_letter, b = local.in_a_call, c = local.in_a_list }
}
