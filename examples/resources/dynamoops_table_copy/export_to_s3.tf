# Each run writes a new export, in the layout of AWS's own exports.
resource "dynamoops_table_copy" "export" {
  source      = { table = "orders" }
  destination = { s3 = { bucket = "example-exports", prefix = "orders" } }
}

# The export can be copied back to a table, here or in another account.
resource "dynamoops_table_copy" "restored" {
  source = {
    s3 = {
      bucket = "example-exports"
      prefix = dynamoops_table_copy.export.destination_s3_prefix
    }
  }
  destination = { table = "orders-test" }
}
