data "dynamoops_estimate" "refresh" {
  source      = { table = "orders" }
  destination = { table = "orders-staging" }
  throughput  = { write_units = 500 }
}

output "estimate" {
  value = "about ${data.dynamoops_estimate.refresh.estimated_items} items in ${data.dynamoops_estimate.refresh.estimated_seconds} s"
}
