// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (d *tableDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	table := tableAttribute("Name or ARN of the table.")
	table.Optional, table.Required = false, true
	attributes := map[string]schema.Attribute{
		"table": table,
		"exists": schema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "Whether the table exists. A table that is being deleted does not. If it does not exist, " +
				"all of the following are null.",
		},
		"arn":        text("ARN of the table."),
		"table_id":   text("TableId, which differs from that of an earlier table of the same name."),
		"status":     text("Status of the table, such as `ACTIVE`."),
		"stream_arn": text("ARN of the latest stream, even if it has been turned off; null if there was none."),
		"item_count": number("Items in the table, as DynamoDB counted them up to six hours ago."),
		"size_bytes": number("Size of these items, as DynamoDB counted it up to six hours ago."),
		"settings_json": text("All settings as one JSON document, with the values of the requests that would set them. " +
			"ARNs of the table in policies are placeholders. " +
			"This is what a recreate puts back."),
		"not_kept": schema.ListAttribute{
			Computed: true, ElementType: types.StringType, MarkdownDescription: "Names of the settings that the endpoint, a " +
				"local server, does not support; null on AWS.",
		},
	}
	for name, attribute := range connectionAttributes() {
		attributes[name] = attribute
	}
	maps.Copy(attributes, tableShapeAttributes())
	maps.Copy(attributes, tableServiceAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads every setting of a DynamoDB table, and of what is attached to it: indexes, capacity, " +
			"streams, encryption, tags, policies, time to live, " +
			"backups, Kinesis, insights, autoscaling, Lambda functions and replicas.\n\n" +
			"A table that does not exist is not an error: `exists` is `false`. A setting that is not in use is null.",
		Attributes: attributes,
	}
}

// The helpers below describe outputs.

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func number(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func object(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: attributes}
}

func list(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: description,
		NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
	}
}

// tableShapeAttributes are the settings that a table is made with.
func tableShapeAttributes() map[string]schema.Attribute {
	keySchema := list("Key attributes, in their order.", map[string]schema.Attribute{
		"attribute_name": text("Name of the attribute."), "key_type": text("`HASH` for a partition key, `RANGE` for a " +
			"sort key."),
	})
	projection := object("Attributes that the index holds.", map[string]schema.Attribute{
		"projection_type": text("`ALL`, `KEYS_ONLY` or `INCLUDE`."),
		"non_key_attributes": schema.ListAttribute{
			Computed:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "Attributes besides the keys, with `INCLUDE`.",
		},
	})
	provisioned := object("Units of a provisioned table; null if it is on-demand.", map[string]schema.Attribute{
		"read_capacity_units": number("Read units a second."), "write_capacity_units": number("Write units a second."),
	})
	onDemand := object("Maximum of an on-demand table; null if there is no limit.", map[string]schema.Attribute{
		"max_read_request_units": number(
			"Read units a second; null for no limit.",
		), "max_write_request_units": number("Write units a second; null for no limit."),
	})
	warm := object("Warm throughput, if it is more than that of a new table.", map[string]schema.Attribute{
		"read_units_per_second": number("Read units a second."), "write_units_per_second": number("Write units a second."),
	})
	return map[string]schema.Attribute{
		"keys": object("Key of the table, and the types of all key attributes.", map[string]schema.Attribute{
			"key_schema": keySchema,
			"attribute_definitions": list("Types of the attributes that are part of a key, of the table or of an "+
				"index.", map[string]schema.Attribute{
				"attribute_name": text("Name of the attribute."), "attribute_type": text("`S`, `N` or `B`."),
			}),
		}),
		"local_secondary_indexes": list("Local secondary indexes, by name.", map[string]schema.Attribute{
			"index_name": text("Name of the index."), "key_schema": keySchema, "projection": projection,
		}),
		"global_secondary_indexes": list("Global secondary indexes, by name.", map[string]schema.Attribute{
			"index_name": text("Name of the index."), "key_schema": keySchema, "projection": projection,
			"provisioned_throughput": provisioned, "on_demand_throughput": onDemand, "warm_throughput": warm,
		}),
		"vector_indexes": list("Vector indexes, by name.", map[string]schema.Attribute{
			"index_name": text("Name of the index."), "projection": projection,
			"dimensions": number("Numbers in a vector."), "distance_function": text("How the distance of vectors is measured."),
			"vector_attribute": object(
				"Attribute that holds the vectors.",
				map[string]schema.Attribute{"attribute_name": text("Name of the attribute.")},
			),
		}),
		"billing": object("How the table is billed.", map[string]schema.Attribute{
			"billing_mode": text(
				"`PROVISIONED` or `PAY_PER_REQUEST`.",
			), "provisioned_throughput": provisioned, "on_demand_throughput": onDemand,
		}),
		"warm_throughput": warm,
		"stream": object(
			"DynamoDB stream.",
			map[string]schema.Attribute{"stream_view_type": text("What the records of the stream contain.")},
		),
		"encryption": object("Encryption with a KMS key; null for a key that DynamoDB owns.", map[string]schema.Attribute{
			"kms_master_key_id": text("ARN of the key; null for the AWS managed key."),
		}),
		"table_class": text("Table class; null for `STANDARD`."),
		"global_table_settings_replication_mode": text("Whether the settings of a global table are the same in all of its " +
			"Regions."),
		"deletion_protection_enabled": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the table is " +
			"protected against deletion."},
	}
}

// tableServiceAttributes are the settings that a table is given when it is there.
func tableServiceAttributes() map[string]schema.Attribute {
	strings := func(description string) schema.MapAttribute {
		return schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	resource, dimension := text("Null for the table, `index/NAME` for an index."), text("What is scaled, such as "+
		"`dynamodb:table:ReadCapacityUnits`.")
	return map[string]schema.Attribute{
		"tags":                   strings("Tags, without those of AWS, which begin with `aws:`."),
		"resource_policy":        text("Resource policy of the table, as JSON."),
		"stream_resource_policy": text("Resource policy of the stream, as JSON."),
		"time_to_live":           text("Name of the attribute that holds the time at which an item expires."),
		"point_in_time_recovery": object(
			"Point-in-time recovery.",
			map[string]schema.Attribute{"recovery_period_in_days": number("How far back the table can be restored, in days.")},
		),
		"kinesis_destinations": list("Kinesis streams that receive the table's changes.", map[string]schema.Attribute{
			"stream_arn": text("ARN of the stream."), "approximate_creation_date_time_precision": text("`MILLISECOND` or " +
				"`MICROSECOND`."),
		}),
		"contributor_insights": object("Modes of CloudWatch Contributor Insights.", map[string]schema.Attribute{
			"table": text("Mode for the table; null if it is off."), "indexes": strings("Modes for global secondary indexes, " +
				"by name."),
		}),
		"auto_scaling": object(
			"What Application Auto Scaling does with the table and its indexes.",
			map[string]schema.Attribute{
				"targets": list("Scalable targets.", map[string]schema.Attribute{
					"resource": resource, "dimension": dimension, "min_capacity": number("Minimum units."),
					"max_capacity": number("Maximum units."),
				}),
				"policies": list("Scaling policies.", map[string]schema.Attribute{
					"resource": resource, "dimension": dimension, "policy_name": text("Name of the policy."),
					"policy_type": text("Type of the policy."),
					"target_tracking": object("Target of a target tracking policy.", map[string]schema.Attribute{
						"target_value": schema.Float64Attribute{Computed: true, MarkdownDescription: "Utilization to hold, in percent."},
					}),
				}),
				"actions": list("Scheduled actions.", map[string]schema.Attribute{
					"resource": resource, "dimension": dimension, "name": text("Name of the action."),
					"schedule": text("When it runs."), "timezone": text("Time zone of the schedule."),
				}),
			},
		),
		"event_source_mappings": list(
			"Lambda functions that are invoked with the records of the stream.",
			map[string]schema.Attribute{
				"function_name": text(
					"ARN of the function.",
				), "enabled": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it is invoked."},
				"batch_size": number("Maximum records per invocation."), "starting_position": text("Where reading began."),
			},
		),
		"replicas": object("Part of the table in a global table.", map[string]schema.Attribute{
			"replicas": list("Replicas in other Regions.", map[string]schema.Attribute{
				"region_name": text("Region of the replica."), "kms_master_key_id": text("Key of the replica; null for the " +
					"default."),
				"table_class": text("Table class of the replica; null if it is the table's."),
			}),
			"witnesses": schema.ListAttribute{
				Computed:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Witness Regions.",
			},
			"multi_region_consistency": text("`EVENTUAL` or `STRONG`."),
		}),
	}
}
