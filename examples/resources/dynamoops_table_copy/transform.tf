resource "dynamoops_table_copy" "test_data" {
  source      = { table = "orders" }
  destination = { table = "orders-test" }

  transform = [
    { drop_if = "has(item.status) && item.status == 'CANCELLED'" },
    { remove = ["ssn", "address.street"] },
    { mask = ["card"] },
    { set = {
      email  = "'user-' + sha256(item.customer_id) + '@example.com'"
      tenant = "'test'"
    } },
  ]
}
