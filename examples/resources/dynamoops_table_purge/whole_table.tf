resource "dynamoops_table_purge" "staging" {
  table = "orders-staging"

  # A new value purges again.
  triggers = {
    release = "2026-11"
  }
}

# "recreate", which the plan announces, or "delete_items".
output "method" {
  value = dynamoops_table_purge.staging.method_used
}
