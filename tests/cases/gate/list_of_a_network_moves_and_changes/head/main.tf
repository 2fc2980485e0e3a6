module "net" {
  source = "./net"
}

moved {
  from = aws_network_acl.shop
  to   = module.net.aws_network_acl.shop
}
