# The table "orders-eu" does not exist yet: the copy creates it like "orders", with all settings of the table itself.
resource "dynamoops_table_copy" "to_new_table" {
  source = { table = "orders" }
  destination = {
    table        = "orders-eu"
    create_table = "full"
  }
  verify = "full"
}

output "left_out" {
  value = dynamoops_table_copy.to_new_table.settings_not_copied
}
