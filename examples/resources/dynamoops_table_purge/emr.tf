# Deletes the cancelled orders of a large table on EMR Serverless.
resource "dynamoops_table_purge" "cancelled" {
  table  = "orders"
  method = "emr"

  filter = {
    expression = "#s = :cancelled"
    names      = { "#s" = "status" }
    values     = { ":cancelled" = "CANCELLED" }
  }

  emr = {
    s3_uri             = "s3://example-dynamoops/emr"
    execution_role_arn = "arn:aws:iam::123456789012:role/dynamoops-emr"
  }
}
