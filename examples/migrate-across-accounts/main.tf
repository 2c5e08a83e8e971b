resource "dynamoops_table_copy" "this" {
  source = {
    table  = var.source_table.name
    region = var.source_table.region
    assume_role = {
      role_arn    = var.source_table.role_arn
      external_id = var.source_table.external_id
    }
  }

  destination = {
    table        = var.destination_table.name
    region       = var.destination_table.region
    create_table = "full"
    kms_key_arn  = var.destination_table.kms_key_arn
    assume_role = {
      role_arn    = var.destination_table.role_arn
      external_id = var.destination_table.external_id
    }
  }

  transform = var.transform
  verify    = "full"
  triggers  = { migration = var.migration }
}

# The old table is emptied last, and only of what the copy above has been compared with: another copy comes first.
resource "dynamoops_table_purge" "source" {
  count = var.empty_source ? 1 : 0

  table  = dynamoops_table_copy.this.source_table_arn
  method = "delete_items"
  assume_role = {
    role_arn    = var.source_table.role_arn
    external_id = var.source_table.external_id
  }

  lifecycle {
    precondition {
      condition     = dynamoops_table_copy.this.verified && dynamoops_table_copy.this.items_failed == 0
      error_message = "The old table is not emptied: not all of its items have arrived in the new one."
    }
  }
}
