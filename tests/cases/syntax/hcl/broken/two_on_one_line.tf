a { b = 1, c = 2 }
d { e {} }
f = 1 g = 2
h {
  i = 1 }
j = 3
