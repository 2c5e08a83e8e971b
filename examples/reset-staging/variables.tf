variable "region" {
  description = "Region of the staging environment."
  type        = string
  default     = "eu-west-1"
}

variable "reset" {
  description = "Any text that names this reset, such as a release. A new text resets the table again."
  type        = string
}
