# terraform apply -invoke=action.dynamoops_table_purge.cancelled
action "dynamoops_table_purge" "cancelled" {
  config {
    table = "orders"
    filter = {
      expression = "#s = :cancelled"
      names      = { "#s" = "status" }
      values     = { ":cancelled" = "CANCELLED" }
    }
  }
}
