resource "dynamoops_table_copy" "dump" {
  source      = { table = "orders" }
  destination = { file = "${path.module}/orders.jsonl.gz" }
}
