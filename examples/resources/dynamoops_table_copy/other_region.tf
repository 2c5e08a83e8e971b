resource "dynamoops_table_copy" "to_us" {
  source = {
    table  = "orders"
    region = "eu-west-1"
  }
  destination = {
    table  = "orders-us"
    region = "us-east-1"
  }

  timeouts = {
    create = "12h"
  }
}
