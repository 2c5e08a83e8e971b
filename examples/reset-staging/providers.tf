terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
    dynamoops = {
      source = "dynamoops/dynamoops"
    }
  }
}

provider "aws" {
  region = var.region
}

provider "dynamoops" {
  region = var.region

  # A table name that is changed by mistake cannot empty these tables.
  protected_tables = ["prod-*"]
}
