variable "name" {
  type    = string
  default = "orders"
}
