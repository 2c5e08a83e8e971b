# AWS exports the table to S3, and loads the export from there. The export is of one point in time and takes none of
# the table's read capacity.
resource "dynamoops_table_copy" "test" {
  source      = { table = "orders" }
  destination = { table = "orders-test" }
  method      = "export_import"

  export = {
    s3_bucket = "example-exports"
    s3_prefix = "on-the-way"
  }
}
