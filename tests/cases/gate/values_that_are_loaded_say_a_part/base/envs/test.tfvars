env = "test"
offices = ["198.51.100.0/24"]
