resource "dynamoops_table_purge" "staging" {
  table = "orders-staging"

  # Another value purges again.
  triggers = {
    release = "2026-11"
  }
}

# Whether the table was recreated, which the plan announces, or its items were deleted.
output "method" {
  value = dynamoops_table_purge.staging.method_used
}
