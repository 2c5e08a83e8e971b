module "tables" {
  source = "./tables"

  environment = var.environment
}

locals {
  fixture = "${path.module}/fixtures/countries.jsonl"
}

resource "dynamoops_table_copy" "countries" {
  source = { file = local.fixture }

  # The ARN is known once the table exists, so the copy comes after it.
  destination = { table = module.tables.countries_arn }

  # Seed again when the fixture changes, and only then.
  triggers = {
    fixture = filesha256(local.fixture)
  }

  timeouts = { create = "10m" }
}
