provider "aws" {
  region = "eu-west-1"
}

variable "image" {
  type = string
}

data "template_file" "app" {
  template = file("tasks/app.json")

  vars = {
    image = var.image
  }
}

resource "aws_ecs_task_definition" "app" {
  family                = "app"
  container_definitions = data.template_file.app.rendered
}
