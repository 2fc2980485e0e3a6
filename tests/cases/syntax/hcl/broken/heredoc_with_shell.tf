resource "aws_instance" "i" {
  user_data = <<-SCRIPT
    set -e
    name=${NAME:-x}
    resource="y"
  SCRIPT
  ami = "ami-1"
}

output "o" {
  value = 1
}
