# Copies on a cluster that is created for the run and terminates with it.
resource "dynamoops_table_copy" "large" {
  source      = { table = "orders" }
  destination = { table = "orders-test" }
  method      = "emr"

  emr = {
    launcher         = "cluster"
    s3_uri           = "s3://example-dynamoops/emr"
    service_role     = "EMR_DefaultRole_V2"
    instance_profile = "EMR_EC2_DefaultRole"
    instance_type    = "m6i.xlarge"
    instance_count   = 5
    executors        = 8
    executor_cpu     = 2
    tags             = { "for-use-with-amazon-emr-managed-policies" = "true" }
  }
}
