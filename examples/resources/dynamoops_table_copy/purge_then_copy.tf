locals {
  refresh = { requested = "2026-11-23" }
}

resource "dynamoops_table_purge" "old" {
  table    = "orders-staging"
  triggers = local.refresh
}

resource "dynamoops_table_copy" "new" {
  source      = { table = "orders" }
  destination = { table = "orders-staging" }
  triggers    = local.refresh

  # Both use orders-staging, so one must wait for the other.
  depends_on = [dynamoops_table_purge.old]
}
