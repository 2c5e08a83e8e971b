// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

var (
	attributes, key, units, fullTable = everysetting.Attributes, everysetting.Key, everysetting.Units, everysetting.Table

	allAttributes  = &types.Projection{ProjectionType: types.ProjectionTypeAll}
	someAttributes = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"z", "a"}}
)

// remake drops the table and creates it again from the snapshot, as the journal would keep it.
func (s *site) remake(t *testing.T, before *settings.Snapshot) (restored []string) {
	t.Helper()
	table := before.Table.Name
	document, err := json.MarshalIndent(before, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var kept settings.Snapshot
	if err := json.Unmarshal(document, &kept); err != nil {
		t.Fatal(err)
	}
	w := s.writer(table, kept.Table)
	if err := w.SuspendAutoScaling(t.Context(), &kept); err != nil {
		t.Fatal(err)
	}
	request, err := kept.CreateTable(table)
	if err != nil {
		t.Fatal(err)
	}
	if faults := settings.Check(request); len(faults) > 0 {
		t.Fatalf("Check refuses the request: %v", faults)
	}
	s.drop(t, table)
	s.create(t, request)
	restored, err = w.PutBack(t.Context(), &kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteOldMappings(t.Context(), &kept); err != nil {
		t.Fatal(err)
	}
	if len(w.NotKept) > 0 {
		t.Errorf("not kept: %v", w.NotKept)
	}
	return restored
}

// sameLines compares what the SDK saw before and sees now.
func sameLines(t *testing.T, was, is string) {
	t.Helper()
	before, after := strings.Split(was, "\n"), strings.Split(is, "\n")
	if len(before) != len(after) {
		t.Errorf("the SDK sees\n%s\nwhere there was\n%s", is, was)
		return
	}
	for i := range before {
		if before[i] != after[i] {
			t.Errorf("the SDK sees\n%s\nwhere there was\n%s", after[i], before[i])
		}
	}
}

func TestEverySettingIsPutBack(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
	if len(before.NotKept) > 0 {
		t.Errorf("not kept: %v", before.NotKept)
	}
	for _, name := range settings.Names() {
		if !slices.Contains([]string{"vector_indexes", "global_table_settings_replication_mode", "replicas"}, name) &&
			before.Settings[name] == nil {
			t.Errorf("%s has no value, so nothing is proved of it", name)
		}
	}
	if mapping := string(before.Settings["event_source_mappings"]); strings.Count(mapping, "FunctionName") != 4 {
		t.Errorf("mappings: %s", mapping)
	}

	restored := s.remake(t, before)
	for _, name := range []string{
		"stream_resource_policy", "time_to_live", "point_in_time_recovery", "kinesis_destinations", "contributor_insights",
		"auto_scaling", "event_source_mappings", "deletion_protection",
	} {
		if !slices.Contains(restored, name) {
			t.Errorf("%s was not put back; %v were", name, restored)
		}
	}
	s.account.Settle(t, "orders")
	after := s.read(t, "orders")
	if after.Table.ID == before.Table.ID || after.Table.StreamARN == before.Table.StreamARN {
		t.Error("the table is the same, so nothing is proved")
	}
	if found := settings.Diff(before, after); len(found) > 0 {
		t.Errorf("differences: %v", found)
	}
	sameLines(t, was, s.account.Everything(t, "orders"))
	var old int
	for range 5 { // Deletions take some requests.
		page, err := s.Lambda.ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{
			EventSourceArn: aws.String(before.Table.StreamARN),
		})
		if err != nil {
			t.Fatal(err)
		}
		old = len(page.EventSourceMappings)
	}
	if old > 0 {
		t.Errorf("the old stream has %d mappings", old)
	}

	calls := len(s.Calls())
	again, err := s.writer("orders", before.Table).PutBack(t.Context(), before)
	if err != nil || len(again) > 0 {
		t.Errorf("put back again: %v, %v", again, err)
	}
	for _, call := range s.Calls()[calls:] {
		if call.Writes {
			t.Errorf("%s was called although nothing differs", call.Operation)
		}
	}
}

// tablesOfAllKinds returns requests without names for tables of all kinds.
func tablesOfAllKinds() map[string]*dynamodb.CreateTableInput {
	onDemand := func(read, write int64) *types.OnDemandThroughput {
		return &types.OnDemandThroughput{MaxReadRequestUnits: aws.Int64(read), MaxWriteRequestUnits: aws.Int64(write)}
	}
	return map[string]*dynamodb.CreateTableInput{
		"nothing but a key": {
			AttributeDefinitions: attributes("id"), KeySchema: key("id"), BillingMode: types.BillingModePayPerRequest,
		},
		"always provisioned": {
			AttributeDefinitions: attributes("id", "a"), KeySchema: key("id"), ProvisionedThroughput: units(1, 2),
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
				{IndexName: aws.String("one"), KeySchema: key("a"), Projection: allAttributes, ProvisionedThroughput: units(3, 4)},
			},
		},
		"on-demand with maxima": {
			AttributeDefinitions: attributes("id", "a", "b"), KeySchema: key("id"), BillingMode: types.BillingModePayPerRequest,
			OnDemandThroughput: onDemand(10, 20),
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
				{
					IndexName: aws.String("one"), KeySchema: key("a"), Projection: someAttributes,
					OnDemandThroughput: onDemand(30, 40),
				},
				{
					IndexName: aws.String("two"), KeySchema: key("b"), Projection: allAttributes,
					OnDemandThroughput: onDemand(-1, 50),
				},
				{IndexName: aws.String("three"), KeySchema: key("a", "|", "b"), Projection: allAttributes},
			},
		},
		"local indexes only": {
			AttributeDefinitions: attributes("id", "sort", "a"), KeySchema: key("id", "|", "sort"),
			BillingMode: types.BillingModePayPerRequest,
			LocalSecondaryIndexes: []types.LocalSecondaryIndex{
				{IndexName: aws.String("one"), KeySchema: key("id", "|", "a"), Projection: someAttributes},
			},
		},
		"eight attributes in a key": {
			AttributeDefinitions: attributes("id", "a", "b", "c", "d", "e", "f", "g"), KeySchema: key("id"),
			BillingMode: types.BillingModePayPerRequest,
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
				{
					IndexName: aws.String("one"), KeySchema: key("a", "b", "c", "d", "|", "e", "f", "g", "id"),
					Projection: allAttributes,
				},
			},
		},
		"global indexes only": {
			AttributeDefinitions: attributes("id", "a", "b"), KeySchema: key("id"), BillingMode: types.BillingModePayPerRequest,
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
				{IndexName: aws.String("one"), KeySchema: key("a"), Projection: someAttributes},
				{IndexName: aws.String("two"), KeySchema: key("b", "|", "a"), Projection: allAttributes},
			},
		},
		"provisioned and once on-demand": {
			AttributeDefinitions: attributes("id"), KeySchema: key("id"), BillingMode: types.BillingModePayPerRequest,
		},
		"on-demand and once provisioned": {
			AttributeDefinitions: attributes("id", "a"), KeySchema: key("id"), ProvisionedThroughput: units(3, 4),
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
				{IndexName: aws.String("one"), KeySchema: key("a"), Projection: allAttributes, ProvisionedThroughput: units(3, 4)},
			},
		},
		"a key of the customer": {
			AttributeDefinitions: attributes("id"), KeySchema: key("id"), BillingMode: types.BillingModePayPerRequest,
			SSESpecification: &types.SSESpecification{
				Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: aws.String(customerKey),
			},
		},
		"the key that AWS manages": {
			AttributeDefinitions: attributes("id"), KeySchema: key("id"), BillingMode: types.BillingModePayPerRequest,
			SSESpecification: &types.SSESpecification{Enabled: aws.Bool(true)},
		},
		"a vector index": {
			AttributeDefinitions: attributes("id"), KeySchema: key("id"), BillingMode: types.BillingModePayPerRequest,
			VectorIndexes: []types.VectorIndex{{
				IndexName: aws.String("near"), Dimensions: aws.Int64(3), Projection: allAttributes,
				DistanceFunction: types.VectorDistanceFunctionCosine,
				VectorAttribute:  &types.VectorAttributeDefinition{AttributeName: aws.String("v")},
			},
			},
		},
	}
}

func TestTablesOfAllKinds(t *testing.T) {
	t.Parallel()
	// A change after the creation leaves its trace in the description.
	updates := map[string]*dynamodb.UpdateTableInput{
		// With these units, the table is as warm as before.
		"provisioned and once on-demand": {
			BillingMode: types.BillingModeProvisioned, ProvisionedThroughput: units(12_000, 4_000),
		},
		"on-demand and once provisioned": {BillingMode: types.BillingModePayPerRequest},
	}
	for name, request := range tablesOfAllKinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			request.TableName = aws.String("orders")
			s.create(t, request)
			if update := updates[name]; update != nil {
				update.TableName = request.TableName
				if _, err := s.DynamoDB.UpdateTable(t.Context(), update); err != nil {
					t.Fatal(err)
				}
				s.account.Settle(t, "orders")
			}
			if summary := s.describe(t, "orders").BillingModeSummary; (summary == nil) != (name == "always provisioned") {
				t.Fatalf("the billing mode is %+v", summary)
			}
			was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
			if _, err := s.recreate(t, t.TempDir(), before); err != nil {
				t.Fatal(err)
			}
			s.account.Settle(t, "orders")
			sameLines(t, was, s.account.Everything(t, "orders"))
			if found := settings.Diff(before, s.read(t, "orders")); len(found) > 0 {
				t.Errorf("differences: %v", found)
			}
		})
	}
}

// TestPutBackIsResumed lets each changing request fail in turn, and calls PutBack again.
func TestPutBackIsResumed(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
	failed := 0
	for n := int64(1); ; n++ {
		w := s.writer("orders", before.Table)
		if err := w.SuspendAutoScaling(t.Context(), before); err != nil {
			t.Fatal(err)
		}
		request, err := before.CreateTable("orders")
		if err != nil {
			t.Fatal(err)
		}
		s.drop(t, "orders")
		s.create(t, request)
		var count atomic.Int64
		s.OnRequest(func(call controlplane.Call, _ []byte) error {
			if call.Writes && count.Add(1) == n {
				return &smithy.GenericAPIError{Code: "InternalServerError", Message: "try again"}
			}
			return nil
		})
		_, err = w.PutBack(t.Context(), before)
		s.OnRequest(nil)
		if err == nil {
			break // There are fewer than n requests.
		}
		failed++
		if _, err := s.writer("orders", before.Table).PutBack(t.Context(), before); err != nil {
			t.Fatalf("after request %d failed: %v", n, err)
		}
		s.account.Settle(t, "orders")
		if sameLines(t, was, s.account.Everything(t, "orders")); t.Failed() {
			t.Fatalf("after request %d failed", n)
		}
	}
	if failed < 15 {
		t.Errorf("only %d requests failed", failed)
	}
}

// TestPolicyIsShownLate lets AWS show a policy some reads after it was put, as "PutResourcePolicy" says it may.
func TestPolicyIsShownLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t, fullTable())
	arn := s.describe(t, "orders").TableArn
	policy := fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:*","Resource":%q}]}`,
		*arn,
	)
	if _, err := s.DynamoDB.PutResourcePolicy(t.Context(), &dynamodb.PutResourcePolicyInput{
		ResourceArn: arn, Policy: &policy,
	}); err != nil {
		t.Fatal(err)
	}
	before := s.read(t, "orders")
	if _, err := s.DynamoDB.DeleteResourcePolicy(t.Context(), &dynamodb.DeleteResourcePolicyInput{
		ResourceArn: arn,
	}); err != nil {
		t.Fatal(err)
	}
	var put bool
	var looks int
	s.OnRequest(func(call controlplane.Call, body []byte) error {
		switch {
		case call.Operation == "PutResourcePolicy":
			put = true
		case put && call.Operation == "GetResourcePolicy" && !strings.Contains(string(body), "/stream/"):
			if looks++; looks < 4 {
				return &types.PolicyNotFoundException{Message: aws.String("not yet")}
			}
		}
		return nil
	})
	if _, err := s.writer("orders", before.Table).PutBack(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	if looks != 4 {
		t.Errorf("%d looks", looks)
	}
	if found := settings.Diff(before, s.read(t, "orders")); len(found) > 0 {
		t.Errorf("differences: %v", found)
	}
}

// TestMissingPermission denies each request of a read in turn.
func TestMissingPermission(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	calls := len(s.Calls())
	s.read(t, "orders")
	operations := map[string]bool{}
	for _, call := range s.Calls()[calls:] {
		if call.Writes {
			t.Errorf("%s changes something", call.Operation)
		}
		operations[call.Operation] = true
	}
	if len(operations) < 11 {
		t.Errorf("only %v were called", operations)
	}
	for operation := range operations {
		s.OnRequest(func(call controlplane.Call, _ []byte) error {
			if call.Operation == operation {
				return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
			}
			return nil
		})
		_, err := settings.Read(t.Context(), s.Clients, "orders")
		var failed *smithy.OperationError
		if !errors.As(err, &failed) || failed.OperationName != operation {
			t.Errorf("%s is not allowed: %v", operation, err)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t, fullTable())
	before := s.read(t, "orders")
	ttl := &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: aws.Bool(true)}
	if _, err := s.DynamoDB.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String("orders"), TimeToLiveSpecification: ttl,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DynamoDB.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: aws.String("orders"), TableClass: types.TableClassStandard,
	}); err != nil {
		t.Fatal(err)
	}
	want := []settings.Difference{
		{Setting: "table_class", Before: `"STANDARD_INFREQUENT_ACCESS"`}, {Setting: "time_to_live", After: `"expires"`},
	}
	if got := settings.Diff(before, s.read(t, "orders")); !slices.Equal(got, want) {
		t.Errorf("differences %v, want %v", got, want)
	}
}

// AWS keeps what it has warmed up: such a table is as wanted, and cannot be made colder.
func TestWarmerThanWanted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t, fullTable())
	before := s.read(t, "orders")
	index := before.Settings["global_secondary_indexes"]
	warm := &types.WarmThroughput{ReadUnitsPerSecond: aws.Int64(50_000), WriteUnitsPerSecond: aws.Int64(30_000)}
	if _, err := s.DynamoDB.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: aws.String("orders"), WarmThroughput: warm,
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
			{
				Update: &types.UpdateGlobalSecondaryIndexAction{
					IndexName: fullTable().GlobalSecondaryIndexes[0].IndexName, WarmThroughput: warm,
				},
			},
		},
	}); err != nil {
		t.Fatal(err)
	}
	s.account.Settle(t, "orders")
	after := s.read(t, "orders")
	if slices.Equal(after.Settings["global_secondary_indexes"], index) ||
		slices.Equal(after.Settings["warm_throughput"], before.Settings["warm_throughput"]) {
		t.Fatal("the table is no warmer")
	}
	if found := settings.Diff(before, after); len(found) > 0 {
		t.Errorf("differences %v", found)
	}
	if found := settings.Diff(after, before); len(found) != 2 {
		t.Errorf("a colder table differs in %v", found)
	}
	if put, err := s.writer("orders", before.Table).PutBack(t.Context(), before); err != nil ||
		slices.Contains(put, "warm_throughput") {
		t.Errorf("put %v, %v", put, err)
	}
}
