env = "y"
