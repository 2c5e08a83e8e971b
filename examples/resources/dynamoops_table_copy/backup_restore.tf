# AWS makes the table from a backup of the other one, which is deleted at the end. Nothing is read from the table itself.
resource "dynamoops_table_copy" "test" {
  source = { table = "orders" }
  destination = {
    table        = "orders-restored"
    create_table = "full"
  }
  method = "backup_restore"
}
