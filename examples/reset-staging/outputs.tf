output "orders_table" {
  description = "Name of the table that is reset."
  value       = module.tables.orders_name
}

output "orders_deleted" {
  description = "Items that the last reset found in the table and deleted."
  value       = dynamoops_table_purge.orders.items_deleted
}

output "orders_seeded" {
  description = "Items of the baseline that the last reset wrote."
  value       = dynamoops_table_copy.orders.items_written
}

output "reset_at" {
  description = "When the last reset was complete."
  value       = dynamoops_table_copy.orders.completed_at
}
