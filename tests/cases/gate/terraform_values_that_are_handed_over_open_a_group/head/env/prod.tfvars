name  = "prod"
cidrs = ["0.0.0.0/0"]
