# Empties the new table before the copy is repeated, so that it keeps nothing that the old one no longer has, or that
# transform now drops. Never once the old table is emptied: the new one then holds the only items.
resource "dynamoops_table_purge" "new" {
  count = var.empty_new_table && !var.purge_old_table ? 1 : 0

  table       = var.to.table
  profile     = var.to.profile
  assume_role = var.to.assume_role
  method      = "delete_items"
  triggers    = { migration = var.migration }
}

# 1. and 2. Creates the new table with all settings of the old one, copies, and compares what arrived. The run fails if
# anything differs.
resource "dynamoops_table_copy" "this" {
  source = {
    table       = var.from.table
    profile     = var.from.profile
    assume_role = var.from.assume_role
  }
  destination = {
    table        = var.to.table
    create_table = "full"
    kms_key_arn  = var.to.kms_key_arn
    profile      = var.to.profile
    assume_role  = var.to.assume_role
  }
  transform = length(var.transform) == 0 ? null : var.transform
  verify    = "full"
  triggers  = merge({ migration = var.migration }, var.empty_new_table ? { emptied = "first" } : {})

  depends_on = [dynamoops_table_purge.new]
}

# 3. Empties the old table, which stays with all its settings. The trigger makes it wait for the copy, and run again
# whenever the copy does.
resource "dynamoops_table_purge" "old" {
  count = var.purge_old_table ? 1 : 0

  table        = var.from.table
  profile      = var.from.profile
  assume_role  = var.from.assume_role
  method       = "delete_items"
  require_pitr = true # So that deleted items can be restored.
  triggers     = { copy = dynamoops_table_copy.this.id }

  lifecycle {
    precondition {
      condition     = dynamoops_table_copy.this.verified
      error_message = "The new table was not verified, so the old one is not emptied."
    }
  }
}
