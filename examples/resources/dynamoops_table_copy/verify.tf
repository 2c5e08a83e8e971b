# Every item is read back and compared. The old table is emptied only if the new one has all of them.
resource "dynamoops_table_copy" "move" {
  source      = { table = "orders" }
  destination = { table = "orders-test" }
  on_conflict = "fail"
  verify      = "full"
}

resource "dynamoops_table_purge" "old" {
  table      = "orders"
  depends_on = [dynamoops_table_copy.move]
}
