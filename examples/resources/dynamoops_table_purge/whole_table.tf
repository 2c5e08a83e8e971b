resource "dynamoops_table_purge" "staging" {
  table = "orders-staging"

  # Another value purges again.
  triggers = {
    release = "2026-11"
  }
}

output "items_deleted" {
  value = dynamoops_table_purge.staging.items_deleted
}
