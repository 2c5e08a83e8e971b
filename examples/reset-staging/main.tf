module "tables" {
  source = "./tables"
}

locals {
  baseline = "${path.module}/fixtures/orders.jsonl"

  # Both runs happen together: when another reset is requested, or the baseline changes.
  triggers = {
    reset    = var.reset
    baseline = filesha256(local.baseline)
  }
}

resource "dynamoops_table_purge" "orders" {
  table = module.tables.orders_arn
  # Deletes item by item. By default, a purge may drop and recreate the table, which is faster for a large one.
  method   = "delete_items"
  triggers = local.triggers

  timeouts = { create = "30m" }
}

resource "dynamoops_table_copy" "orders" {
  source      = { file = local.baseline }
  destination = { table = module.tables.orders_arn }
  triggers    = local.triggers

  timeouts = { create = "10m" }

  # The copy writes to the emptied table: both runs use it, so one must wait for the other.
  depends_on = [dynamoops_table_purge.orders]
}
