# The time of the plan differs in each plan, so every apply purges.
resource "dynamoops_table_purge" "sessions" {
  table = "sessions-test"

  triggers = {
    planned_at = plantimestamp()
  }
}
