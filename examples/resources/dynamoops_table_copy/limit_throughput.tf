# Reads a production table with only part of its provisioned capacity.
resource "dynamoops_table_copy" "gently" {
  source      = { table = "orders" }
  destination = { table = "orders-test" }

  throughput = {
    read_units  = 100
    write_units = 500
  }
}
