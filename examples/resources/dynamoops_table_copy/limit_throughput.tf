# Read a production table with no more than a part of what it is provisioned with.
resource "dynamoops_table_copy" "gently" {
  source      = { table = "orders" }
  destination = { table = "orders-test" }

  throughput = {
    read_units  = 100
    write_units = 500
  }
}
