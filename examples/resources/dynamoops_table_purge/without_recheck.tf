# created_at never changes once an order is written, so an item that passed the filter when it was read still does: its
# delete needs no condition, and 25 deletes go into one request.
resource "dynamoops_table_purge" "old_orders" {
  table          = "orders"
  recheck_filter = false

  filter = {
    expression = "created_at < :before"
    values     = { ":before" = "2025-01-01T00:00:00Z" }
  }

  timeouts = {
    create = "8h"
  }
}
