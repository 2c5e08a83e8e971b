# AWS exports the table to S3, and loads the export from there. That takes none of the table's read capacity, and is of one point in time.
resource "dynamoops_table_copy" "test" {
  source      = { table = "orders" }
  destination = { table = "orders-test" }
  method      = "export_import"

  export = {
    s3_bucket = "example-exports"
    s3_prefix = "on-the-way"
  }
}
