env = "prod"
offices = ["198.51.100.0/24"]
