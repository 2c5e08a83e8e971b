# Copies a large table on EMR Serverless: sixteen tasks at once, on machines that AWS provides while the run lasts.
resource "dynamoops_table_copy" "large" {
  source      = { table = "orders" }
  destination = { table = "orders-test" }
  method      = "emr"

  emr = {
    s3_uri             = "s3://example-dynamoops/emr"
    execution_role_arn = "arn:aws:iam::123456789012:role/dynamoops-emr"
    executors          = 8
    executor_cpu       = 2
  }

  throughput = { write_units = 40000 }
}
