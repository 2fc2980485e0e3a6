c = "first"
d = "first"
