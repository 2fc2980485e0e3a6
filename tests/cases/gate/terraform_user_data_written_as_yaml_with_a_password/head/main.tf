resource "aws_launch_template" "shop" {
  name_prefix   = "shop"
  image_id      = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  user_data     = base64encode(join("\n", ["#cloud-config", yamlencode({
    write_files = [{ path = "/etc/shop", permissions = "0600", content = "cluster=shop\nDB_PASSWORD=x8Kd93hFq2Lm7Pw1\n" }]
    runcmd      = [["/opt/setup.sh"]]
  })]))
}

resource "aws_autoscaling_group" "shop" {
  min_size = 1
  max_size = 2
  launch_template {
    id      = aws_launch_template.shop.id
    version = "$Latest"
  }
}
