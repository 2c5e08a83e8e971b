output "table_arn" {
  description = "ARN of the new table, known once it holds all items and they are verified."
  value       = dynamoops_table_copy.this.destination_table_arn
}

output "created" {
  description = "Whether the migration created the new table; false if it already existed."
  value       = dynamoops_table_copy.this.destination_created
}

output "settings_not_copied" {
  description = "Settings of the old table that the new one does not have."
  value       = dynamoops_table_copy.this.settings_not_copied
}

output "items" {
  description = "How many items were read, and what became of them."
  value = {
    read    = dynamoops_table_copy.this.items_scanned
    written = dynamoops_table_copy.this.items_written
    dropped = dynamoops_table_copy.this.items_dropped
  }
}

output "verified" {
  description = "Whether the new table was read back and compared."
  value       = dynamoops_table_copy.this.verified
}

output "items_purged" {
  description = "Items deleted from the old table; null until it is emptied."
  value       = one(dynamoops_table_purge.old[*].items_deleted)
}
