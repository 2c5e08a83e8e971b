terraform {
  required_version = ">= 1.5"

  required_providers {
    dynamoops = {
      source = "dynamoops/dynamoops"
    }
  }
}
