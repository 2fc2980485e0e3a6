locals {
  a = "x
  b = 2
  c = "${d
  e = 3
}
