a = "%{ if x }y"
b = <<E
%{ for x in y }
  ${x}
%{ endif }
E
c = 1
