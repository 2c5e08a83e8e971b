terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "environment" {
  description = "Prefix of the tables' names."
  type        = string
}

resource "aws_dynamodb_table" "countries" {
  name         = "${var.environment}-countries"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "code"

  attribute {
    name = "code"
    type = "S"
  }
}

output "countries_arn" {
  value = aws_dynamodb_table.countries.arn
}

output "countries_name" {
  value = aws_dynamodb_table.countries.name
}
