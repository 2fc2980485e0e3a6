offices = ["198.51.100.0/24"]
env = "prod"
