env = "x"
