public = true
name   = "prod"
misspelled = 1
