name  = "db"
cidrs = ["0.0.0.0/0"]
