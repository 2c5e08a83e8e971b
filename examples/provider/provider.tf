terraform {
  required_providers {
    dynamoops = {
      source = "dynamoops/dynamoops"
    }
  }
}

provider "dynamoops" {
  region = "eu-west-1"

  # No run may write to or purge these tables, whatever a resource says.
  protected_tables = ["prod-*"]
}
