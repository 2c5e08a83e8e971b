# An item that DynamoDB permanently refuses goes to a file, with the reason, and all others are copied.
resource "dynamoops_table_copy" "as_far_as_possible" {
  source        = { table = "orders" }
  destination   = { table = "orders-test" }
  on_item_error = "skip"
}

output "refused" {
  value = dynamoops_table_copy.as_far_as_possible.dead_letter_path
}
