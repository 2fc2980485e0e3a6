module "given_null" {
  source  = "./m"
  retain  = null
  strict  = null
}

module "silent" {
  source = "./m"
}
