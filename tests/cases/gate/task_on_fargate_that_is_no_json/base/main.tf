terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_ecs_task_definition" "orders" {
  family                   = "orders"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  container_definitions    = <<EOF
[{"name": "orders", "image": "orders:1", "essential": true}]
EOF
}

resource "aws_ecs_service" "orders" {
  name            = "orders"
  cluster         = "shop"
  launch_type     = "FARGATE"
  task_definition = aws_ecs_task_definition.orders.arn
}
