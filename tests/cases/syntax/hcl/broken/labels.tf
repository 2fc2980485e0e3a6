resource "a${b}" "c" {
  d = 1
}
resource "e"
{
  f = 1
}
resource "g" "h" {
  i = 1
}
