# Adds the items that the destination does not have, and leaves those that it has unchanged.
resource "dynamoops_table_copy" "what_is_new" {
  source      = { table = "orders" }
  destination = { table = "orders-staging" }
  on_conflict = "skip"
}

output "new_orders" {
  value = dynamoops_table_copy.what_is_new.items_written
}
