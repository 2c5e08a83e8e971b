variable "from" {
  description = "The old table by its ARN, and how to reach its account: a profile, a role, or neither for the provider's own credentials."
  type = object({
    table   = string
    profile = optional(string)
    assume_role = optional(object({
      role_arn     = string
      external_id  = optional(string)
      session_name = optional(string)
      duration     = optional(string)
    }))
  })
}

variable "to" {
  description = "The new table by its ARN, how to reach its account, and the KMS key to encrypt it with if the old table has a customer managed key."
  type = object({
    table       = string
    kms_key_arn = optional(string)
    profile     = optional(string)
    assume_role = optional(object({
      role_arn     = string
      external_id  = optional(string)
      session_name = optional(string)
      duration     = optional(string)
    }))
  })
}

variable "transform" {
  description = "Steps that change the items, in order; each step sets exactly one of the attributes."
  type = list(object({
    rename  = optional(map(string))
    remove  = optional(list(string))
    keep    = optional(list(string))
    set     = optional(map(string))
    mask    = optional(list(string))
    drop_if = optional(string)
  }))
  default = []
}

variable "migration" {
  description = "Any text that names this migration. A new text copies again."
  type        = string
}

variable "purge_old_table" {
  description = "Whether to empty the old table after the new one is verified. Turn it on when nothing writes to the old table any more."
  type        = bool
  default     = false
}

variable "empty_new_table" {
  type        = bool
  default     = false
  description = "Whether to empty the new table before the copy. Set it together with a new migration, for the copy after which the applications move."
  nullable    = false
}
