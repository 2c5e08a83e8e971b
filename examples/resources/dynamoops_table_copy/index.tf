# An index holds only the items that have its key: here, the orders that have been given to a warehouse.
resource "dynamoops_table_copy" "in_warehouse" {
  source = {
    table = "orders"
    index = "by-warehouse"
  }
  destination = { table = "orders-in-warehouse" }
}
