resource "aws_route53_zone" "main" {
  name = "acme.example"
}

resource "aws_route53_record" "mail" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "acme.example"
  type    = "MX"
  ttl     = 300
  records = ["10 mx.example.net"]
}
