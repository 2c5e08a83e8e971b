// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

func TestDescriptions(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.create(t, orders(func(in *dynamodb.CreateTableInput) {
		in.BillingMode, in.ProvisionedThroughput = "", units(3, 4)
		in.KeySchema, in.AttributeDefinitions = keys("id", "at"), attributes("id", "at", "date")
		in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{{
			IndexName: aws.String("byDay"), KeySchema: keys("id", "date"),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"x"}},
		}}
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{globalIndex("byDate", keys("date", "at"))}
		in.GlobalSecondaryIndexes[0].ProvisionedThroughput = units(5, 6)
		in.GlobalSecondaryIndexes[0].WarmThroughput = &types.WarmThroughput{ReadUnitsPerSecond: aws.Int64(50), WriteUnitsPerSecond: aws.Int64(60)}
		in.VectorIndexes = []types.VectorIndex{vectorIndex()}
		in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), KMSMasterKeyId: aws.String("alias/mine")}
		in.TableClass = types.TableClassStandardInfrequentAccess
		in.DeletionProtectionEnabled = aws.Bool(true)
	}))
	index := d.GlobalSecondaryIndexes[0]
	for name, ok := range map[string]bool{
		"billing":          d.BillingModeSummary == nil,
		"throughput":       *d.ProvisionedThroughput.ReadCapacityUnits == 3 && *d.ProvisionedThroughput.WriteCapacityUnits == 4,
		"local index":      len(d.LocalSecondaryIndexes) == 1 && d.LocalSecondaryIndexes[0].Projection.NonKeyAttributes[0] == "x",
		"index throughput": *index.ProvisionedThroughput.ReadCapacityUnits == 5,
		"warm index":       *index.WarmThroughput.ReadUnitsPerSecond == 50 && index.WarmThroughput.Status == types.IndexStatusActive,
		"vector index":     len(d.VectorIndexes) == 1 && d.VectorIndexes[0].IndexStatus == types.IndexStatusActive,
		"key":              *d.SSEDescription.KMSMasterKeyArn != "" && d.SSEDescription.Status == types.SSEStatusEnabled,
		"class":            d.TableClassSummary.TableClass == types.TableClassStandardInfrequentAccess,
		"protection":       *d.DeletionProtectionEnabled,
		"no stream":        d.LatestStreamArn == nil && d.StreamSpecification == nil,
	} {
		if !ok {
			t.Errorf("%s: %+v", name, d)
		}
	}

	plain := f.create(t, orders(func(in *dynamodb.CreateTableInput) { in.TableName = aws.String("plain") }))
	if plain.SSEDescription != nil || plain.TableClassSummary != nil || *plain.DeletionProtectionEnabled ||
		plain.BillingModeSummary.BillingMode != types.BillingModePayPerRequest || *plain.ProvisionedThroughput.ReadCapacityUnits != 0 {
		t.Errorf("got %+v", plain)
	}
}

func TestUpdateTable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*dynamodb.UpdateTableInput)
		want   string
		check  func(*types.TableDescription) bool
	}{
		"nothing": {func(*dynamodb.UpdateTableInput) {}, "ValidationException", nil},
		"equal throughput": {
			func(in *dynamodb.UpdateTableInput) { in.ProvisionedThroughput = units(3, 4) }, "ValidationException", nil,
		},
		"throughput and its warm throughput": {
			func(in *dynamodb.UpdateTableInput) { in.ProvisionedThroughput = units(30, 40) }, "",
			func(d *types.TableDescription) bool {
				return *d.ProvisionedThroughput.ReadCapacityUnits == 30 && *d.WarmThroughput.WriteUnitsPerSecond == 40 && d.BillingModeSummary == nil
			},
		},
		"on demand": {
			func(in *dynamodb.UpdateTableInput) {
				in.BillingMode, in.OnDemandThroughput = types.BillingModePayPerRequest, &types.OnDemandThroughput{MaxReadRequestUnits: aws.Int64(9)}
			}, "",
			func(d *types.TableDescription) bool {
				return d.BillingModeSummary.BillingMode == types.BillingModePayPerRequest && *d.OnDemandThroughput.MaxReadRequestUnits == 9 &&
					*d.ProvisionedThroughput.ReadCapacityUnits == 0 && *d.GlobalSecondaryIndexes[0].ProvisionedThroughput.ReadCapacityUnits == 0
			},
		},
		"on demand with throughput": {
			func(in *dynamodb.UpdateTableInput) {
				in.BillingMode, in.ProvisionedThroughput = types.BillingModePayPerRequest, units(1, 1)
			}, "ValidationException", nil,
		},
		"less warm": {
			func(in *dynamodb.UpdateTableInput) {
				in.WarmThroughput = &types.WarmThroughput{ReadUnitsPerSecond: aws.Int64(1)}
			}, "ValidationException", nil,
		},
		"a stream": {
			func(in *dynamodb.UpdateTableInput) {
				in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage}
			}, "", func(d *types.TableDescription) bool { return d.LatestStreamArn != nil },
		},
		"the key of AWS": {
			func(in *dynamodb.UpdateTableInput) {
				in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true)}
			}, "",
			func(d *types.TableDescription) bool { return d.SSEDescription.KMSMasterKeyArn != nil },
		},
		"the class": {
			func(in *dynamodb.UpdateTableInput) { in.TableClass = types.TableClassStandardInfrequentAccess }, "",
			func(d *types.TableDescription) bool { return d.TableClassSummary.LastUpdateDateTime != nil },
		},
		"a replica": {
			func(in *dynamodb.UpdateTableInput) {
				in.ReplicaUpdates = []types.ReplicationGroupUpdate{{Create: &types.CreateReplicationGroupMemberAction{RegionName: aws.String("us-east-1")}}}
			}, "",
			func(d *types.TableDescription) bool {
				return *d.Replicas[0].RegionName == "us-east-1" && d.Replicas[0].ReplicaStatus == types.ReplicaStatusActive
			},
		},
		"a new index": {
			func(in *dynamodb.UpdateTableInput) {
				in.AttributeDefinitions = attributes("other")
				in.GlobalSecondaryIndexUpdates = []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
					IndexName: aws.String("byOther"), KeySchema: keys("other"), ProvisionedThroughput: units(1, 1),
					Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
				}}}
			}, "",
			func(d *types.TableDescription) bool {
				return len(d.GlobalSecondaryIndexes) == 2 && d.GlobalSecondaryIndexes[1].IndexStatus == types.IndexStatusActive && len(d.AttributeDefinitions) == 3
			},
		},
		"a new index without throughput": {
			func(in *dynamodb.UpdateTableInput) {
				in.GlobalSecondaryIndexUpdates = []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
					IndexName: aws.String("byOther"), KeySchema: keys("id"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
				}}}
			}, "ValidationException", nil,
		},
		"no index": {
			func(in *dynamodb.UpdateTableInput) {
				in.GlobalSecondaryIndexUpdates = []types.GlobalSecondaryIndexUpdate{
					{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("byDate")}},
				}
			}, "",
			func(d *types.TableDescription) bool {
				return len(d.GlobalSecondaryIndexes) == 0 && len(d.AttributeDefinitions) == 1
			},
		},
		"two indexes": {
			func(in *dynamodb.UpdateTableInput) {
				remove := types.GlobalSecondaryIndexUpdate{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("byDate")}}
				in.GlobalSecondaryIndexUpdates = []types.GlobalSecondaryIndexUpdate{remove, remove}
			}, "LimitExceededException", nil,
		},
		"the throughput of an index": {
			func(in *dynamodb.UpdateTableInput) {
				in.GlobalSecondaryIndexUpdates = []types.GlobalSecondaryIndexUpdate{
					{Update: &types.UpdateGlobalSecondaryIndexAction{IndexName: aws.String("byDate"), ProvisionedThroughput: units(7, 8)}},
				}
			}, "",
			func(d *types.TableDescription) bool {
				return *d.GlobalSecondaryIndexes[0].ProvisionedThroughput.WriteCapacityUnits == 8
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t)
			before := f.create(t, orders(withIndex, func(in *dynamodb.CreateTableInput) {
				in.BillingMode, in.ProvisionedThroughput = types.BillingModeProvisioned, units(3, 4)
				in.GlobalSecondaryIndexes[0].ProvisionedThroughput = units(5, 6)
			}))
			in := &dynamodb.UpdateTableInput{TableName: aws.String("orders")}
			test.change(in)
			_, err := f.UpdateTable(t.Context(), in)
			wantCode(t, err, test.want)
			if test.check == nil {
				wantEqual(t, f.describe(t, "orders"), before)
			} else if after := f.settled(t, "orders"); !test.check(after) {
				t.Errorf("got %+v", after)
			}
		})
	}
}

func TestIndexStates(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders())
	_, err := f.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: aws.String("orders"), AttributeDefinitions: attributes("date"),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: aws.String("byDate"), KeySchema: keys("date"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}}},
	})
	do(t, err)
	if d := f.describe(t, "orders"); d.GlobalSecondaryIndexes[0].IndexStatus != types.IndexStatusCreating || !*d.GlobalSecondaryIndexes[0].Backfilling {
		t.Errorf("got %+v", d)
	}
	f.settled(t, "orders")
	f.server.EditTable(region, f.accessKey, "orders", func(d *types.TableDescription) {
		d.GlobalSecondaryIndexes[0].IndexStatus = types.IndexStatusCreating
	})
	if d := f.describe(t, "orders"); d.GlobalSecondaryIndexes[0].IndexStatus != types.IndexStatusCreating {
		t.Errorf("got %+v", d)
	}
}

func TestDeleteTableRefusesReplicas(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.create(t, orders())
	f.server.EditTable(region, f.accessKey, "orders", func(d *types.TableDescription) {
		d.Replicas = []types.ReplicaDescription{{RegionName: aws.String("us-east-1")}}
	})
	_, err := f.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("orders")})
	wantCode(t, err, "ValidationException")
}

func TestLimitsAndEndpoints(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.server.SetWriteQuota(50_000)
	limits, err := f.DescribeLimits(t.Context(), &dynamodb.DescribeLimitsInput{})
	do(t, err)
	if *limits.TableMaxReadCapacityUnits != 40_000 || *limits.TableMaxWriteCapacityUnits != 50_000 {
		t.Errorf("got %+v", limits)
	}
	endpoints, err := f.DescribeEndpoints(t.Context(), &dynamodb.DescribeEndpointsInput{})
	do(t, err)
	if len(endpoints.Endpoints) != 1 {
		t.Errorf("got %+v", endpoints)
	}
	if controlplane.Account("a") == controlplane.Account("b") {
		t.Error("two access keys are one account")
	}
}
