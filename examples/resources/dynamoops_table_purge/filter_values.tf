# Values are plain HCL: a string is compared as S, a number as N, a bool as BOOL, null as NULL, a list as L, an object
# as M, and a set as SS or NS.
resource "dynamoops_table_purge" "test_orders" {
  table = "orders"

  filter = {
    expression = "attribute_exists(test_run) OR gift = :yes AND address = :address AND channels = :channels AND amount IN (:zero, :big)"
    values = {
      ":yes"      = true
      ":address"  = { city = "Nowhere", zip = null, lines = ["1 Test Street"] }
      ":channels" = toset(["shop", "phone"])
      ":zero"     = 0
      ":big"      = 12345678901234567890123456789012345678
    }
  }
}
