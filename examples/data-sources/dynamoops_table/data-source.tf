data "dynamoops_table" "orders" {
  table = "orders"
}

output "key" {
  value = data.dynamoops_table.orders.keys.key_schema[*].attribute_name
}

output "indexes" {
  value = data.dynamoops_table.orders.global_secondary_indexes[*].index_name
}

# Whether there is such a table at all is no error to ask.
data "dynamoops_table" "archive" {
  table = "orders-archive"
}

output "archived" {
  value = data.dynamoops_table.archive.exists
}
