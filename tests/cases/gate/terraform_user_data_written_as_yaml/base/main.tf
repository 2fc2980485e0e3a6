resource "aws_launch_template" "shop" {
  name_prefix   = "shop"
  image_id      = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  user_data     = base64encode("#!/bin/sh\nsh /opt/setup.sh\n")
}

resource "aws_autoscaling_group" "shop" {
  min_size = 1
  max_size = 2
  launch_template {
    id      = aws_launch_template.shop.id
    version = "$Latest"
  }
}
