name  = "db-test"
cidrs = ["0.0.0.0/0"]
