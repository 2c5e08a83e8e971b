variable "source_table" {
  description = "The table that moves, and the role in its account with which it is read, and emptied at the end."
  type = object({
    name        = string
    region      = optional(string)
    role_arn    = string
    external_id = optional(string)
  })
}

variable "destination_table" {
  description = "The table that is made in the other account, and the role there. kms_key_arn is needed if the source has a customer managed key."
  type = object({
    name        = string
    region      = optional(string)
    role_arn    = string
    external_id = optional(string)
    kms_key_arn = optional(string)
  })
}

variable "transform" {
  description = "Steps that change the items on their way, in order: the transform of dynamoops_table_copy."
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
  description = "Any text that names the migration. Another text copies once more."
  type        = string
}

variable "empty_source" {
  description = "Whether to delete the items of the old table, once the new one was compared with it. Set it when nothing reads the old table any more."
  type        = bool
  default     = false
}
