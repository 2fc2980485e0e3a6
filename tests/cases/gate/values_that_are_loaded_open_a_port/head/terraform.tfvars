env = "prod"
offices = ["0.0.0.0/0"]
