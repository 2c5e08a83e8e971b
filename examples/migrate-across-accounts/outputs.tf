output "table_arn" {
  description = "ARN of the new table."
  value       = dynamoops_table_copy.this.destination_table_arn
}

output "created" {
  description = "Whether the last run made the new table."
  value       = dynamoops_table_copy.this.destination_created
}

output "settings_not_copied" {
  description = "Settings of the old table that the new one does not have, such as what connects it with others."
  value       = dynamoops_table_copy.this.settings_not_copied
}

output "items" {
  description = "What became of the items: read, written and left out by a step."
  value = {
    read    = dynamoops_table_copy.this.items_scanned
    written = dynamoops_table_copy.this.items_written
    dropped = dynamoops_table_copy.this.items_dropped
  }
}

output "verified" {
  description = "Whether every item of the old table, after the transform, was found in the new one."
  value       = dynamoops_table_copy.this.verified
}

output "items_deleted" {
  description = "Items deleted from the old table; null until it is emptied."
  value       = one(dynamoops_table_purge.source[*].items_deleted)
}
