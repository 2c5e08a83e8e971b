# A quarter of the partition keys, with all of their items: the same keys in every run.
resource "dynamoops_table_copy" "some" {
  source         = { table = "orders" }
  destination    = { table = "orders-test" }
  sample_percent = 25
}
