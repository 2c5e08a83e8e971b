resource "dynamoops_table_copy" "from_production" {
  # Read with a profile of the shared AWS configuration files ...
  source = {
    table   = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    profile = "production-read-only"
  }

  # ... and write with a role that the provider's own credentials may assume.
  destination = {
    table  = "orders"
    region = "eu-west-1"
    assume_role = {
      role_arn     = "arn:aws:iam::444455556666:role/table-writer"
      external_id  = "orders-refresh"
      session_name = "dynamoops"
      duration     = "1h"
    }
  }
}
