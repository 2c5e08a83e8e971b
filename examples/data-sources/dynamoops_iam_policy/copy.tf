locals {
  source = {
    table       = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    assume_role = { role_arn = "arn:aws:iam::111122223333:role/orders-reader" }
  }
  destination = {
    table = "arn:aws:dynamodb:eu-west-1:444455556666:table/orders"
  }
}

data "dynamoops_iam_policy" "copy" {
  operation   = "copy"
  source      = local.source
  destination = local.destination
}

# For the role orders-reader, in the account of the source.
output "reader_policy" {
  value = data.dynamoops_iam_policy.copy.source_json
}

# For the principal that runs Terraform: it assumes that role to read, and writes with its own permissions.
output "own_policy" {
  value = data.dynamoops_iam_policy.copy.json
}
