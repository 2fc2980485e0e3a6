<html>
  <body>404: not found</body>
</html>
