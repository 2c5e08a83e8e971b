data "dynamoops_table" "orders" {
  table = "orders"
}

output "key" {
  value = data.dynamoops_table.orders.keys.key_schema[*].attribute_name
}

output "indexes" {
  value = data.dynamoops_table.orders.global_secondary_indexes[*].index_name
}

# Looking up a table that may not exist is not an error.
data "dynamoops_table" "archive" {
  table = "orders-archive"
}

output "archived" {
  value = data.dynamoops_table.archive.exists
}
