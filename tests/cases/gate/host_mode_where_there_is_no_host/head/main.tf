resource "aws_sns_topic" "orders" {
  name = "orders"
}

resource "aws_ecs_task_definition" "sms" {
  family                   = "sms"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "host"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([{
    name        = "sms"
    image       = "sms@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    environment = [{ name = "LEVEL", value = "info" }]
  }])
}

resource "aws_ecs_service" "sms" {
  name            = "sms"
  launch_type     = "FARGATE"
  task_definition = aws_ecs_task_definition.sms.arn
}
