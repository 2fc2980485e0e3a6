locals {
  here = abspath(path.module)
}

resource "test_object" "path" {
  here    = local.here
  name    = basename(local.here)
  above   = basename(dirname(local.here))
  matched = regex("/infra/([^/]+)/config$", local.here)
  policy  = file("${local.here}/../policy.json")
  missing = fileexists("${local.here}/nowhere.json")
  none    = try(regex("/infra/", "elsewhere"), "no")
}
