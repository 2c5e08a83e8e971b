# AWS creates the table from a backup of the source, and the backup is deleted at the end. The source itself is not read.
resource "dynamoops_table_copy" "test" {
  source = { table = "orders" }
  destination = {
    table        = "orders-restored"
    create_table = "full"
  }
  method = "backup_restore"
}
