variable "region" {
  description = "Region of the staging environment."
  type        = string
  default     = "eu-west-1"
}

variable "reset" {
  description = "Any text that names the state that staging was last reset for, such as a release. Another text resets it again."
  type        = string
}
