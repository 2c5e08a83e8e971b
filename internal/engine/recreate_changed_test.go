// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// sticky is a journal whose records cannot be removed, so that a run that has done all else stays unfinished.
type sticky struct{ journal.Journal }

func (s sticky) Open(ctx context.Context, name string) (journal.Record, error) {
	record, err := s.Journal.Open(ctx, name)
	return stickyRecord{record}, err
}

type stickyRecord struct{ journal.Record }

func (stickyRecord) Remove(context.Context) error { return errors.New("read-only file system") }

// createProvisioned makes a table of so many units a second, with a time to live.
func (p *plane) createProvisioned(t *testing.T, table string, units int64) {
	t.Helper()
	p.account.Create(t, &dynamodb.CreateTableInput{
		TableName: aws.String(table), BillingMode: types.BillingModeProvisioned,
		ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(units), WriteCapacityUnits: aws.Int64(units)},
		AttributeDefinitions:  []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN}},
		KeySchema:             []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		Tags:                  []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}},
	})
	p.expire(t, table, true)
}

// expire turns the time to live of the table on or off.
func (p *plane) expire(t *testing.T, table string, on bool) {
	t.Helper()
	if _, err := p.account.DynamoDB.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: &table, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: &on},
	}); err != nil {
		t.Fatal(err)
	}
	p.account.Settle(t, table)
}

func (p *plane) autoScale(t *testing.T, table string) {
	t.Helper()
	resource, dimension := "table/"+table, scalingtypes.ScalableDimensionDynamoDBTableWriteCapacityUnits
	if _, err := p.account.AutoScaling.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: &resource, ScalableDimension: dimension, MinCapacity: aws.Int32(5), MaxCapacity: aws.Int32(100),
	}); err != nil {
		t.Fatal(err)
	}
}

// update changes the table "orders".
func (p *plane) update(t *testing.T, input dynamodb.UpdateTableInput) {
	t.Helper()
	input.TableName = aws.String("orders")
	if _, err := p.account.DynamoDB.UpdateTable(t.Context(), &input); err != nil {
		t.Fatal(err)
	}
	p.account.Settle(t, "orders")
}

// What others change of a table once it is back, before the recreate is finished, stays, and does not keep it from being finished.
func TestSettingsChangeBetweenAttempts(t *testing.T) {
	t.Parallel()
	units := &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(5), WriteCapacityUnits: aws.Int64(5)}
	for name, test := range map[string]struct {
		scales bool
		change func(*testing.T, *plane)
		says   string // The setting that a warning names; empty for no warning.
	}{
		"capacity, by auto scaling": {true, func(t *testing.T, p *plane) {
			p.update(t, dynamodb.UpdateTableInput{ProvisionedThroughput: units})
		}, ""},
		"capacity": {false, func(t *testing.T, p *plane) {
			p.update(t, dynamodb.UpdateTableInput{ProvisionedThroughput: units})
		}, "billing"},
		"billing": {true, func(t *testing.T, p *plane) {
			p.update(t, dynamodb.UpdateTableInput{BillingMode: types.BillingModePayPerRequest})
		}, "billing"},
		"protection": {false, func(t *testing.T, p *plane) {
			p.update(t, dynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(true)})
		}, "deletion_protection"},
		"time to live": {false, func(t *testing.T, p *plane) {
			p.expire(t, "orders", false)
			p.LimitTimeToLive() // For about an hour it cannot be turned on again.
		}, "time_to_live"},
		"recovery": {false, func(t *testing.T, p *plane) {
			p.account.Settle(t, "orders")
			if _, err := p.account.DynamoDB.UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{
				TableName: aws.String("orders"), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
			}); err != nil {
				t.Fatal(err)
			}
		}, "point_in_time_recovery"},
		"insights": {false, func(t *testing.T, p *plane) {
			if _, err := p.account.DynamoDB.UpdateContributorInsights(t.Context(), &dynamodb.UpdateContributorInsightsInput{
				TableName: aws.String("orders"), ContributorInsightsAction: types.ContributorInsightsActionEnable,
			}); err != nil {
				t.Fatal(err)
			}
		}, "contributor_insights"},
		"tags": {false, func(t *testing.T, p *plane) {
			if _, err := p.account.DynamoDB.TagResource(t.Context(), &dynamodb.TagResourceInput{
				ResourceArn: p.account.Describe(t, "orders").TableArn, Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("x")}},
			}); err != nil {
				t.Fatal(err)
			}
		}, "tags"},
		"warm throughput": {false, func(_ *testing.T, p *plane) {
			p.EditTable(everysetting.Region, p.account.AccessKey, "orders", func(d *types.TableDescription) {
				d.WarmThroughput.ReadUnitsPerSecond, d.WarmThroughput.WriteUnitsPerSecond = aws.Int64(20_000), aws.Int64(5000)
			})
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.createProvisioned(t, "orders", 50)
			if test.scales {
				p.autoScale(t, "orders")
			}
			usual := p.engine.Journal
			p.engine.Journal = sticky{usual}
			_, err := p.purge(t, "orders", job.MethodRecreate)
			saying(t, err, "read-only file system")
			test.change(t, p)
			p.account.Settle(t, "orders")
			changed := p.account.Everything(t, "orders")
			p.engine.Journal = usual
			result, err := p.purge(t, "orders", job.MethodRecreate)
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, remark := range result.Warnings {
				said += remark.Summary + ": " + remark.Cause
			}
			if test.says == "" && said != "" || !strings.Contains(said, test.says) || test.says != "" && !strings.Contains(said, "Settings Changed By Others") {
				t.Errorf("the run says %q", said)
			}
			p.account.Settle(t, "orders")
			sameDocument(t, changed, p.account.Everything(t, "orders"))
		})
	}
}

// What an organization gives every new table at once, such as a tag, stays too, though the recreate is still under way.
func TestTableIsTaggedAsItIsCreated(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 1)
	dropped := false
	var failed error
	p.OnRequest(func(call controlplane.Call, _ []byte) error {
		if dropped = dropped || call.Operation == "DeleteTable"; dropped && call.Operation == "ListTagsOfResource" {
			dropped = false
			described, err := p.account.DynamoDB.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
			if err == nil {
				_, err = p.account.DynamoDB.TagResource(t.Context(), &dynamodb.TagResourceInput{
					ResourceArn: described.Table.TableArn, Tags: []types.Tag{{Key: aws.String("created-by"), Value: aws.String("ci")}},
				})
			}
			failed = err
		}
		return nil
	})
	result, err := p.purge(t, "orders", job.MethodRecreate)
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0].Cause, "created-by") {
		t.Errorf("the remarks are %v", result.Warnings)
	}
	if is := p.account.Everything(t, "orders"); !strings.Contains(is, "created-by") || !strings.Contains(is, "team") {
		t.Errorf("the table is %s", is)
	}
}

// A new table whose capacity is raised while a copy fills it is complete all the same.
func TestCapacityIsRaisedDuringACopy(t *testing.T) {
	t.Parallel()
	for _, create := range []settings.Level{settings.Schema, settings.Full} {
		t.Run(string(create), func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.createProvisioned(t, "source", 50)
			if _, err := p.account.DynamoDB.PutItem(t.Context(), &dynamodb.PutItemInput{
				TableName: aws.String("source"), Item: map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "1"}},
			}); err != nil {
				t.Fatal(err)
			}
			p.OnRequest(func(call controlplane.Call, _ []byte) error {
				if call.Operation == "BatchWriteItem" {
					p.EditTable(everysetting.Region, p.account.AccessKey, "copy", func(d *types.TableDescription) { d.ProvisionedThroughput.WriteCapacityUnits = aws.Int64(200) })
				}
				return nil
			})
			result, err := p.engine.Copy(t.Context(), job.Copy{
				Source: job.Source{Table: "source"}, Destination: job.Destination{Table: "copy", Create: create}, Method: job.MethodScan,
			}, engine.Observer{})
			if err != nil {
				t.Fatal(err)
			}
			if result.Ledger.Written != 1 || !containsSummary(result.Warnings, "Settings Changed By Others") {
				t.Errorf("%+v", result)
			}
			if units := p.account.Describe(t, "copy").ProvisionedThroughput.WriteCapacityUnits; *units != 200 {
				t.Errorf("the table has %d units", *units)
			}
		})
	}
}

func containsSummary(found []*problem.Problem, summary string) bool {
	for _, p := range found {
		if p.Summary == summary {
			return true
		}
	}
	return false
}
