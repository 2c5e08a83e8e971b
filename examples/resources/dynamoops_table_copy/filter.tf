resource "dynamoops_table_copy" "open_orders" {
  source = {
    table           = "orders"
    consistent_read = true
  }
  destination = { table = "orders-open" }

  filter = {
    expression = "#status = :open AND amount >= :least"
    names      = { "#status" = "status" } # A reserved word of DynamoDB.
    values     = { ":open" = "OPEN", ":least" = 10.50 }
  }
}
