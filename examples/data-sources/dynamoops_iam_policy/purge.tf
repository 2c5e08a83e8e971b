data "dynamoops_iam_policy" "purge" {
  operation = "purge"
  table     = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-staging"
  filter = {
    expression = "attribute_exists(test_run)"
  }
}

output "policy" {
  value = data.dynamoops_iam_policy.purge.json
}
