module "m" { source = "../../modules/m" }

resource "test_object" "read" {
  policy  = file("${path.module}/policy.json")
  decoded = jsondecode(file("./policy.json")).Effect
  missing = file("nowhere.json")
  outside = file("/etc/passwd")
  above   = file("../../../x.json")
  exists  = [fileexists("policy.json"), fileexists("nowhere.json")]
  set     = fileset(path.module, "{*.json,d/**}")
  one     = fileset("../../modules", "*/*.txt")
  digest  = filebase64sha256("build.zip")
  rescued = try(file("${path.module}/policy.json"), "none")
}

output "paths" { value = [path.module, path.root, module.m.path] }
