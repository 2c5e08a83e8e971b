# The destination is a new table, which DynamoDB creates from the export. That takes no capacity at all, and the table
# gets every setting of the source.
resource "dynamoops_table_copy" "new" {
  source      = { table = "orders" }
  destination = { table = "orders-new", create_table = "full" }
  method      = "export_import"

  export = {
    s3_bucket = "example-exports"
    s3_prefix = "on-the-way"
  }
}
