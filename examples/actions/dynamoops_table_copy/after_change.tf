action "dynamoops_table_purge" "staging" {
  config {
    table = "orders-staging"
  }
}

action "dynamoops_table_copy" "staging" {
  config {
    source      = { table = "orders" }
    destination = { table = "orders-staging" }
  }
}

# Stands for whatever a release changes.
resource "terraform_data" "release" {
  input = "2026-11"

  lifecycle {
    action_trigger {
      events = [after_create, after_update]
      # One after the other.
      actions = [action.dynamoops_table_purge.staging, action.dynamoops_table_copy.staging]
    }
  }
}
