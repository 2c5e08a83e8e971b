resource "dynamoops_table_purge" "sandbox" {
  table = "arn:aws:dynamodb:eu-central-1:444455556666:table/orders"

  assume_role = {
    role_arn     = "arn:aws:iam::444455556666:role/table-cleaner"
    session_name = "dynamoops"
  }
}
