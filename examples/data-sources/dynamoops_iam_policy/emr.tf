data "dynamoops_iam_policy" "emr" {
  operation   = "copy"
  source      = { table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders" }
  destination = { table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-test" }
  method      = "emr"

  emr = {
    s3_uri             = "s3://example-dynamoops/emr"
    execution_role_arn = "arn:aws:iam::111122223333:role/dynamoops-emr"
  }
}

# For dynamoops-emr, the role of the job.
output "job_policy" {
  value = data.dynamoops_iam_policy.emr.worker_json
}

# For the principal that runs Terraform.
output "caller_policy" {
  value = data.dynamoops_iam_policy.emr.json
}
