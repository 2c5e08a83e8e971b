# terraform apply -invoke=action.dynamoops_table_copy.refresh
action "dynamoops_table_copy" "refresh" {
  config {
    source      = { table = "orders" }
    destination = { table = "orders-staging" }
    timeout     = "90m"
  }
}
