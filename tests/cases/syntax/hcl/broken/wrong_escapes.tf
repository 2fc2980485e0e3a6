a = "x\qy"
b "c\d" {
  e = "\u12"
}
