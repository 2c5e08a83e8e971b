resource "dynamoops_table_purge" "cancelled" {
  table = "orders"

  filter = {
    expression = "#status = :cancelled AND order_id < :november"
    names      = { "#status" = "status" } # A reserved word of DynamoDB.
    values     = { ":cancelled" = "CANCELLED", ":november" = "2026-11" }
  }
}
