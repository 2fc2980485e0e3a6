name  = "prod"
cidrs = ["10.2.0.0/16"]
