# Before a copy that is made again: empties the new table, so that nothing stays there that the old one no longer has, or that transform
# drops now. Never once the old table is emptied: the new one has the only items then.
resource "dynamoops_table_purge" "new" {
  count = var.empty_new_table && !var.purge_old_table ? 1 : 0

  table       = var.to.table
  profile     = var.to.profile
  assume_role = var.to.assume_role
  method      = "delete_items"
  triggers    = { migration = var.migration }
}

# 1. and 2. Makes the new table with all settings of the old one, copies, and compares what arrived. The run fails if anything differs.
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

# 3. Empties the old table, which stays with all its settings. The trigger makes it wait for the copy, and follow each copy that is made again.
resource "dynamoops_table_purge" "old" {
  count = var.purge_old_table ? 1 : 0

  table        = var.from.table
  profile      = var.from.profile
  assume_role  = var.from.assume_role
  method       = "delete_items"
  require_pitr = true # So that what was deleted can be had back.
  triggers     = { copy = dynamoops_table_copy.this.id }

  lifecycle {
    precondition {
      condition     = dynamoops_table_copy.this.verified
      error_message = "The new table was not verified, so the old one is not emptied."
    }
  }
}
