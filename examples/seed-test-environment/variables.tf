variable "region" {
  description = "Region of the test environment."
  type        = string
  default     = "eu-west-1"
}

variable "environment" {
  description = "Name of the test environment. The table's name begins with it, so every environment has its own table."
  type        = string
  default     = "test"
}
