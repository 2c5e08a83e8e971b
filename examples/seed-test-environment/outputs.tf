output "countries_table" {
  description = "Name of the seeded table."
  value       = module.tables.countries_name
}

output "countries_seeded" {
  description = "Items that the last seeding wrote."
  value       = dynamoops_table_copy.countries.items_written
}

output "seeded_at" {
  description = "When the table was last seeded."
  value       = dynamoops_table_copy.countries.completed_at
}
