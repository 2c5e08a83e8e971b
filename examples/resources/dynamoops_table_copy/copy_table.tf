resource "dynamoops_table_copy" "staging" {
  source      = { table = "orders" }
  destination = { table = "orders-staging" }

  # A new value copies again.
  triggers = {
    release = "2026-11"
  }
}

output "items_copied" {
  value = dynamoops_table_copy.staging.items_written
}
