// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import "github.com/hashicorp/terraform-plugin-framework/types"

type tableDataSourceModel struct {
	connectionModel
	Table types.String `tfsdk:"table"`

	Exists       *bool    `tfsdk:"exists"`
	ARN          *string  `tfsdk:"arn"`
	TableID      *string  `tfsdk:"table_id"`
	Status       *string  `tfsdk:"status"`
	StreamARN    *string  `tfsdk:"stream_arn"`
	ItemCount    *int64   `tfsdk:"item_count"`
	SizeBytes    *int64   `tfsdk:"size_bytes"`
	SettingsJSON *string  `tfsdk:"settings_json"`
	NotKept      []string `tfsdk:"not_kept"`

	tableSettingsModel
	Tags                      map[string]string `tfsdk:"tags"`
	ResourcePolicy            *string           `tfsdk:"resource_policy"`
	StreamResourcePolicy      *string           `tfsdk:"stream_resource_policy"`
	DeletionProtectionEnabled *bool             `tfsdk:"deletion_protection_enabled"`
}

// tableSettingsModel has the settings whose attributes are what the snapshot has: it is read from the snapshot's JSON,
// in which the members are called as in DynamoDB's API, which are the names of the fields here. What is not in use is
// nil.
type tableSettingsModel struct {
	Keys                   *keysModel                `tfsdk:"keys" json:"keys"`
	LocalSecondaryIndexes  []localIndexModel         `tfsdk:"local_secondary_indexes" json:"local_secondary_indexes"`
	GlobalSecondaryIndexes []globalIndexModel        `tfsdk:"global_secondary_indexes" json:"global_secondary_indexes"`
	VectorIndexes          []vectorIndexModel        `tfsdk:"vector_indexes" json:"vector_indexes"`
	Billing                *billingModel             `tfsdk:"billing" json:"billing"`
	WarmThroughput         *warmThroughputModel      `tfsdk:"warm_throughput" json:"warm_throughput"`
	Stream                 *streamModel              `tfsdk:"stream" json:"stream"`
	Encryption             *encryptionModel          `tfsdk:"encryption" json:"encryption"`
	TableClass             *string                   `tfsdk:"table_class" json:"table_class"`
	ReplicationMode        *string                   `tfsdk:"global_table_settings_replication_mode" json:"global_table_settings_replication_mode"`
	TimeToLive             *string                   `tfsdk:"time_to_live" json:"time_to_live"`
	PointInTimeRecovery    *recoveryModel            `tfsdk:"point_in_time_recovery" json:"point_in_time_recovery"`
	KinesisDestinations    []kinesisModel            `tfsdk:"kinesis_destinations" json:"kinesis_destinations"`
	ContributorInsights    *insightsModel            `tfsdk:"contributor_insights" json:"contributor_insights"`
	AutoScaling            *autoScalingModel         `tfsdk:"auto_scaling" json:"auto_scaling"`
	EventSourceMappings    []eventSourceMappingModel `tfsdk:"event_source_mappings" json:"event_source_mappings"`
	Replicas               *replicationModel         `tfsdk:"replicas" json:"replicas"`
}

type (
	attributeModel struct {
		AttributeName string `tfsdk:"attribute_name"`
		AttributeType string `tfsdk:"attribute_type"`
	}
	keyModel struct {
		AttributeName string `tfsdk:"attribute_name"`
		KeyType       string `tfsdk:"key_type"`
	}
	keysModel struct {
		AttributeDefinitions []attributeModel `tfsdk:"attribute_definitions"`
		KeySchema            []keyModel       `tfsdk:"key_schema"`
	}
	projectionModel struct {
		ProjectionType   string   `tfsdk:"projection_type"`
		NonKeyAttributes []string `tfsdk:"non_key_attributes"`
	}
	localIndexModel struct {
		IndexName  string           `tfsdk:"index_name"`
		KeySchema  []keyModel       `tfsdk:"key_schema"`
		Projection *projectionModel `tfsdk:"projection"`
	}
	globalIndexModel struct {
		IndexName             string               `tfsdk:"index_name"`
		KeySchema             []keyModel           `tfsdk:"key_schema"`
		Projection            *projectionModel     `tfsdk:"projection"`
		ProvisionedThroughput *provisionedModel    `tfsdk:"provisioned_throughput"`
		OnDemandThroughput    *onDemandModel       `tfsdk:"on_demand_throughput"`
		WarmThroughput        *warmThroughputModel `tfsdk:"warm_throughput"`
	}
	vectorIndexModel struct {
		IndexName        string `tfsdk:"index_name"`
		Dimensions       int64  `tfsdk:"dimensions"`
		DistanceFunction string `tfsdk:"distance_function"`
		VectorAttribute  *struct {
			AttributeName string `tfsdk:"attribute_name"`
		} `tfsdk:"vector_attribute"`
		Projection *projectionModel `tfsdk:"projection"`
	}
	billingModel struct {
		BillingMode           string            `tfsdk:"billing_mode"`
		ProvisionedThroughput *provisionedModel `tfsdk:"provisioned_throughput"`
		OnDemandThroughput    *onDemandModel    `tfsdk:"on_demand_throughput"`
	}
	provisionedModel struct {
		ReadCapacityUnits  int64 `tfsdk:"read_capacity_units"`
		WriteCapacityUnits int64 `tfsdk:"write_capacity_units"`
	}
	onDemandModel struct {
		MaxReadRequestUnits  *int64 `tfsdk:"max_read_request_units"`
		MaxWriteRequestUnits *int64 `tfsdk:"max_write_request_units"`
	}
	warmThroughputModel struct {
		ReadUnitsPerSecond  int64 `tfsdk:"read_units_per_second"`
		WriteUnitsPerSecond int64 `tfsdk:"write_units_per_second"`
	}
	streamModel struct {
		StreamViewType string `tfsdk:"stream_view_type"`
	}
	encryptionModel struct {
		KMSMasterKeyID *string `tfsdk:"kms_master_key_id"`
	}
	recoveryModel struct {
		RecoveryPeriodInDays int64 `tfsdk:"recovery_period_in_days"`
	}
	kinesisModel struct {
		StreamArn                            string `tfsdk:"stream_arn"`
		ApproximateCreationDateTimePrecision string `tfsdk:"approximate_creation_date_time_precision"`
	}
	insightsModel struct {
		Table   *string           `tfsdk:"table"`
		Indexes map[string]string `tfsdk:"indexes"`
	}
	autoScalingModel struct {
		Targets  []scalingTargetModel   `tfsdk:"targets"`
		Policies []scalingPolicyModel   `tfsdk:"policies"`
		Actions  []scheduledActionModel `tfsdk:"actions"`
	}
	scalingTargetModel struct {
		Resource    *string `tfsdk:"resource"`
		Dimension   string  `tfsdk:"dimension"`
		MinCapacity int64   `tfsdk:"min_capacity"`
		MaxCapacity int64   `tfsdk:"max_capacity"`
	}
	scalingPolicyModel struct {
		Resource       *string `tfsdk:"resource"`
		Dimension      string  `tfsdk:"dimension"`
		PolicyName     string  `tfsdk:"policy_name"`
		PolicyType     string  `tfsdk:"policy_type"`
		TargetTracking *struct {
			TargetValue float64 `tfsdk:"target_value"`
		} `tfsdk:"target_tracking"`
	}
	scheduledActionModel struct {
		Resource  *string `tfsdk:"resource"`
		Dimension string  `tfsdk:"dimension"`
		Name      string  `tfsdk:"name"`
		Schedule  string  `tfsdk:"schedule"`
		Timezone  *string `tfsdk:"timezone"`
	}
	eventSourceMappingModel struct {
		FunctionName     string `tfsdk:"function_name"`
		Enabled          bool   `tfsdk:"enabled"`
		BatchSize        *int64 `tfsdk:"batch_size"`
		StartingPosition string `tfsdk:"starting_position"`
	}
	replicationModel struct {
		Replicas []struct {
			RegionName     string  `tfsdk:"region_name"`
			KMSMasterKeyID *string `tfsdk:"kms_master_key_id"`
			TableClass     *string `tfsdk:"table_class"`
		} `tfsdk:"replicas"`
		Witnesses              []string `tfsdk:"witnesses"`
		MultiRegionConsistency *string  `tfsdk:"multi_region_consistency"`
	}
)
