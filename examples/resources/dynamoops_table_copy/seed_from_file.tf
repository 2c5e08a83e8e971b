resource "dynamoops_table_copy" "seed" {
  source      = { file = "${path.module}/fixtures/orders.jsonl" }
  destination = { table = "orders-test" }

  # Copy again when the file changes.
  triggers = {
    fixture = filesha256("${path.module}/fixtures/orders.jsonl")
  }
}
