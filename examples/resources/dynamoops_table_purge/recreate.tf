# Drops and recreates the table with every setting put back, which takes as long for ten items as for a billion.
resource "dynamoops_table_purge" "nightly" {
  table  = "orders-staging"
  method = "recreate"

  # The stream of the new table has another ARN. Nothing reads this table's stream.
  allow = ["stream"]

  triggers = {
    release = "2026-11"
  }
}

output "new_stream" {
  value = dynamoops_table_purge.nightly.stream_arn_after
}
