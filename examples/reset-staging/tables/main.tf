terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_dynamodb_table" "orders" {
  name         = "staging-orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "customer_id"
  range_key    = "order_id"

  attribute {
    name = "customer_id"
    type = "S"
  }

  attribute {
    name = "order_id"
    type = "S"
  }
}

output "orders_arn" {
  value = aws_dynamodb_table.orders.arn
}

output "orders_name" {
  value = aws_dynamodb_table.orders.name
}
