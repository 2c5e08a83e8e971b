# All objects below fixtures/orders/, with one item on each line.
resource "dynamoops_table_copy" "seed" {
  source = {
    s3 = {
      bucket = "example-fixtures"
      prefix = "fixtures/orders"
      format = "jsonl"
    }
  }
  destination = { table = "orders-test" }

  # A new value copies again.
  triggers = {
    fixtures = "2026-11"
  }
}
