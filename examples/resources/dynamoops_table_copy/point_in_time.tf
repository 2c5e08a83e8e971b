# Takes a table back to the items that it held at one point in time. The table itself stays, with its ARN, its stream, its
# settings and its own point-in-time recovery, from which the items that it holds now can still be restored.
variable "back_to" {
  description = "The point in time, such as 2026-11-24T08:00:00Z."
  type        = string
  default     = "latest"
}

resource "dynamoops_table_copy" "past" {
  source = { table = "orders" }
  destination = {
    table        = "orders-past"
    create_table = "schema"
  }
  method         = "backup_restore"
  backup_restore = { point_in_time = var.back_to }
}

resource "dynamoops_table_purge" "present" {
  table        = "orders"
  method       = "delete_items"
  require_pitr = true
  triggers     = { past = dynamoops_table_copy.past.id }
}

resource "dynamoops_table_copy" "back" {
  source      = { table = dynamoops_table_copy.past.destination_table_arn }
  destination = { table = dynamoops_table_purge.present.table_arn }
  verify      = "full"
  triggers    = { purge = dynamoops_table_purge.present.id }
}
