# Adds what is new at the source, and leaves alone what the destination has.
resource "dynamoops_table_copy" "what_is_new" {
  source      = { table = "orders" }
  destination = { table = "orders-staging" }
  on_conflict = "skip"
}

output "new_orders" {
  value = dynamoops_table_copy.what_is_new.items_written
}
