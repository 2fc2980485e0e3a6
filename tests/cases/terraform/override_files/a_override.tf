variable "size" { default = "large" }

locals {
  changed = "first"
}
