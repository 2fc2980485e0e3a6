variable "name" {
  type    = string
  default = "orders"
}

variable "days" {
  type        = number
  default     = 14
  description = "How long messages stay"
}

variable "is_fifo" {
  type        = bool
  default     = false
  description = "Whether messages stay in order"
}
