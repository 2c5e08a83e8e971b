module "tables" {
  source = "./tables"
}

locals {
  baseline = "${path.module}/fixtures/orders.jsonl"

  # Both runs happen together: when another reset is asked for, or the baseline changes.
  triggers = {
    reset    = var.reset
    baseline = filesha256(local.baseline)
  }
}

resource "dynamoops_table_purge" "orders" {
  table    = module.tables.orders_arn
  method   = "delete_items" # Deletes item by item. The default may drop and recreate the table, which is faster for a large one.
  triggers = local.triggers

  timeouts = { create = "30m" }
}

resource "dynamoops_table_copy" "orders" {
  source      = { file = local.baseline }
  destination = { table = module.tables.orders_arn }
  triggers    = local.triggers

  timeouts = { create = "10m" }

  # Into an empty table: both use it, so one has to wait for the other.
  depends_on = [dynamoops_table_purge.orders]
}
