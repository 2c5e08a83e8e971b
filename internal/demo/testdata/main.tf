terraform {
  required_providers {
    dynamoops = {
      source = "dynamoops/dynamoops"
    }
  }
}

variable "endpoint" {
  description = "URL of the DynamoDB endpoint."
  type        = string
}

variable "tables" {
  description = "Names of the tables, which exist."
  type        = object({ countries = string, orders = string, open_orders = string })
}

variable "countries_file" {
  type = string
}

variable "orders_file" {
  type = string
}

variable "release" {
  description = "Another value copies the open orders again."
  type        = string
}

# A local DynamoDB knows no STS, hence the two skips. Against AWS, the Region is enough.
provider "dynamoops" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true

  endpoints {
    dynamodb = var.endpoint
  }
}

# Seeds a table from a file; again when the file changes.
resource "dynamoops_table_copy" "countries" {
  source      = { file = var.countries_file }
  destination = { table = var.tables.countries }
  triggers    = { file = filesha256(var.countries_file) }
}

resource "dynamoops_table_copy" "orders" {
  source      = { file = var.orders_file }
  destination = { table = var.tables.orders }
  triggers    = { file = filesha256(var.orders_file) }
}

# Copies the open orders of 100 and more.
resource "dynamoops_table_copy" "open_orders" {
  source      = { table = var.tables.orders }
  destination = { table = var.tables.open_orders }

  filter = {
    expression = "#status = :open AND amount >= :least"
    names      = { "#status" = "status" } # A reserved word of DynamoDB.
    values     = { ":open" = "OPEN", ":least" = 100 }
  }

  triggers   = { release = var.release }
  depends_on = [dynamoops_table_copy.orders]
}

# Deletes the cancelled orders, and leaves all others.
resource "dynamoops_table_purge" "cancelled" {
  table = var.tables.orders

  filter = {
    expression = "#status = :cancelled"
    names      = { "#status" = "status" }
    values     = { ":cancelled" = "CANCELLED" }
  }

  # Both use the table of orders, so one has to wait for the other.
  depends_on = [dynamoops_table_copy.open_orders]
}

output "countries_seeded" {
  value = dynamoops_table_copy.countries.items_written
}

output "orders_seeded" {
  value = dynamoops_table_copy.orders.items_written
}

output "open_orders_copied" {
  value = dynamoops_table_copy.open_orders.items_written
}

output "open_orders_run" {
  value = dynamoops_table_copy.open_orders.id
}

output "cancelled_orders_deleted" {
  value = dynamoops_table_purge.cancelled.items_deleted
}
