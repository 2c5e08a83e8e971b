data "dynamoops_estimate" "reset" {
  table = "orders-staging"
}

output "estimated_write_units" {
  value = data.dynamoops_estimate.reset.estimated_write_units
}
