name  = "prod"
cidrs = ["10.3.0.0/16"]
