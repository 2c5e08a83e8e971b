// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// The tests of recreates are here because the table with every setting is.

// everyAllowance lists everything that can be allowed.
var everyAllowance = []string{steps.AllowStream, steps.AllowKinesis, steps.AllowEventSourceMappings}

// dieAt refuses every request from the first one of that operation on, as if the provider had been killed there.
func (s *site) dieAt(operation string) {
	dead := false
	s.OnRequest(func(call controlplane.Call, _ []byte) error {
		if dead = dead || call.Operation == operation; dead {
			return errDenied
		}
		return nil
	})
}

// recreate resumes from the journal, or begins with the snapshot.
func (s *site) recreate(t *testing.T, folder string, before *settings.Snapshot) (*steps.Result, error) {
	t.Helper()
	sleep := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return s.recreateUntil(t, t.Context(), sleep, folder, before)
}

// recreateUntil is recreate with a context and a sleep of the caller's, to interrupt it.
func (s *site) recreateUntil(
	t *testing.T, ctx context.Context, sleep func(context.Context, time.Duration) error, folder string,
	before *settings.Snapshot,
) (*steps.Result, error) {
	t.Helper()
	record, err := journal.Local(folder).Open(t.Context(), "recreate-test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = record.Close() }()
	state := &steps.State{ID: uuid.NewString(), StartedAt: time.Now(), Snapshot: before}
	if _, err := record.Load(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	run := steps.Run{Clients: s.Clients, Record: record, State: state, Sleep: sleep, Grace: sleep,
		Backup: &managed.Backup{
			Client: s.DynamoDB, Table: state.Snapshot.Table.Name, Name: "dynamoops-" + state.ID, Sleep: sleep,
		},
	}
	return run.Do(ctx)
}

func TestRecreate(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	was, before := s.account.Everything(t, "orders"), s.read(t, "orders")

	calls := len(s.Calls())
	refusals, err := steps.Refusals(t.Context(), s.DynamoDB, s.describe(t, "orders"), before, nil)
	if err != nil {
		t.Fatal(err)
	}
	var allow []string
	for _, r := range refusals {
		allow = append(allow, r.Allow)
	}
	if slices.Sort(allow); !slices.Equal(allow, []string{"event_source_mappings", "kinesis", "stream"}) {
		t.Errorf("refused: %v", refusals)
	}
	refusals, err = steps.Refusals(t.Context(), s.DynamoDB, s.describe(t, "orders"), before, everyAllowance)
	if err != nil || len(refusals) > 0 {
		t.Errorf("refused although it is allowed: %v, %v", refusals, err)
	}
	for _, call := range s.Calls()[calls:] {
		if call.Writes {
			t.Errorf("%s was called before anything was refused", call.Operation)
		}
	}

	done, err := s.recreate(t, t.TempDir(), before)
	if err != nil {
		t.Fatal(err)
	}
	if done.After.Table.ID == before.Table.ID || done.BackupARN == "" ||
		!slices.Contains(done.Restored, "deletion_protection") {
		t.Errorf("the result is %+v", done)
	}
	s.account.Settle(t, "orders")
	sameLines(t, was, s.account.Everything(t, "orders"))
}

// A recreate that is killed at any of its changes is finished by the next one, and nothing of the table is lost.
func TestRecreateIsResumed(t *testing.T) {
	t.Parallel()
	// The changes of a recreate, and what it puts back. The first round, which is not interrupted, sets both.
	changes, restored := 0, []string(nil)
	for dies := 0; dies <= changes; dies++ {
		s := newFullSite(t)
		was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
		made := 0
		s.OnRequest(func(call controlplane.Call, _ []byte) error {
			if call.Writes {
				made++
			}
			if dies > 0 && made >= dies { // The process is dead: none of its requests arrives.
				return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "dead"}
			}
			return nil
		})
		folder := t.TempDir()
		done, err := s.recreate(t, folder, before)
		if (err == nil) != (dies == 0) {
			t.Fatalf("killed at change %d: %v", dies, err)
		}
		if dies == 0 {
			changes, restored = made, slices.Sorted(slices.Values(done.Restored))
			continue
		}
		s.OnRequest(nil)
		done, err = s.recreate(t, folder, before)
		if err != nil {
			t.Fatalf("resumed after change %d: %v", dies, err)
		}
		if slices.Sort(done.Restored); !slices.Equal(done.Restored, restored) {
			t.Errorf("%v were put back after change %d, and %v at once", done.Restored, dies, restored)
		}
		s.account.Settle(t, "orders")
		sameLines(t, was, s.account.Everything(t, "orders"))
		if t.Failed() {
			t.Fatalf("killed at change %d of %d", dies, changes)
		}
	}
	if changes < 15 {
		t.Errorf("a recreate makes %d changes, so little is proved", changes)
	}
}

// A table whose creation fails at first is created in the end.
func TestCreateFailsTenTimes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	request := fullTable()
	request.DeletionProtectionEnabled = nil
	s.create(t, request)
	before := s.read(t, "orders")
	failures, dropped := 0, false
	s.OnRequest(func(call controlplane.Call, _ []byte) error {
		dropped = dropped || call.Operation == "DeleteTable"
		if dropped && call.Operation == "CreateTable" && failures < 10 {
			failures++
			if failures%2 == 0 {
				return &types.LimitExceededException{Message: aws.String("too many tables at once")}
			}
			return &smithy.GenericAPIError{Code: "InternalServerError", Message: "try again", Fault: smithy.FaultServer}
		}
		return nil
	})
	if _, err := s.recreate(t, t.TempDir(), before); err != nil || failures != 10 {
		t.Errorf("after %d failures: %v", failures, err)
	}
}

// A table that another client has created in the meantime is left alone.
func TestRecreateLeavesAnotherTableAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	request := fullTable()
	request.DeletionProtectionEnabled = nil
	s.create(t, request)
	before := s.read(t, "orders")
	s.drop(t, "orders")
	s.create(t, request)
	calls := len(s.Calls())
	_, err := s.recreate(t, t.TempDir(), before)
	if !errors.Is(err, steps.ErrOtherTable) {
		t.Errorf("the error is %v", err)
	}
	for _, call := range s.Calls()[calls:] {
		if call.Operation == "DeleteTable" || call.Operation == "CreateTable" {
			t.Errorf("%s was called", call.Operation)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t, &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), AttributeDefinitions: attributes("id", "a"), KeySchema: key("id"),
		BillingMode: types.BillingModePayPerRequest,
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("one"), KeySchema: key("a"), Projection: allAttributes},
		},
	})
	for want, edit := range map[string]func(*types.TableDescription){
		"the table's status is INACCESSIBLE_ENCRYPTION_CREDENTIALS": func(d *types.TableDescription) {
			d.TableStatus = types.TableStatusInaccessibleEncryptionCredentials
		},
		`the status of index "one" is CREATING`: func(d *types.TableDescription) {
			d.GlobalSecondaryIndexes[0].IndexStatus = types.IndexStatusCreating
		},
		"it is part of a global table of version 2017.11.29, whose replicas would be lost": func(d *types.TableDescription) {
			d.GlobalTableVersion = aws.String("2017.11.29")
		},
		"its KMS key cannot be used": func(d *types.TableDescription) {
			d.SSEDescription = &types.SSEDescription{InaccessibleEncryptionDateTime: aws.Time(time.Now())}
		},
	} {
		described := s.describe(t, "orders")
		edit(described)
		refusals, err := steps.Refusals(t.Context(), s.DynamoDB, described, s.read(t, "orders"), everyAllowance)
		if err != nil || len(refusals) != 1 || refusals[0].Reason != want || refusals[0].Allow != "" {
			t.Errorf("refused: %v, %v; want %s", fmt.Sprint(refusals), err, want)
		}
	}
	replicated := s.read(t, "orders")
	replicated.Settings["replicas"] = []byte(`{"Replicas":[{"RegionName":"us-east-1"}]}`)
	refusals, err := steps.Refusals(t.Context(), s.DynamoDB, s.describe(t, "orders"), replicated, everyAllowance)
	if err != nil || len(refusals) != 1 {
		t.Errorf("a table with a replica is refused with %v, %v", refusals, err)
	}
}

// A key that was disabled just now cannot create a new table, although DynamoDB does not report it yet.
func TestDisabledKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t, &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), AttributeDefinitions: attributes("id"), KeySchema: key("id"),
		BillingMode: types.BillingModePayPerRequest,
		SSESpecification: &types.SSESpecification{
			Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: aws.String(disabledKey),
		},
	})
	described := s.describe(t, "orders")
	if described.TableStatus != types.TableStatusActive || described.SSEDescription.InaccessibleEncryptionDateTime != nil {
		t.Fatalf("the table is %+v, so that nothing is proved", described)
	}
	refusals, err := steps.Refusals(t.Context(), s.DynamoDB, described, s.read(t, "orders"), everyAllowance)
	want := []steps.Refusal{{Reason: "its KMS key cannot be used: the key's state is Disabled"}}
	if err != nil || !slices.Equal(refusals, want) {
		t.Errorf("refused: %v, %v; want %v", refusals, err, want)
	}
}

// A table is complete only when its vector index is ACTIVE too: otherwise the next recreate would be refused.
func TestVectorIndexIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t, &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), AttributeDefinitions: attributes("id"), KeySchema: key("id"),
		BillingMode: types.BillingModePayPerRequest,
		VectorIndexes: []types.VectorIndex{{
			IndexName: aws.String("near"), Dimensions: aws.Int64(3), DistanceFunction: types.VectorDistanceFunctionCosine,
			Projection:      allAttributes,
			VectorAttribute: &types.VectorAttributeDefinition{AttributeName: aws.String("v")},
		}},
	})
	before := s.read(t, "orders")
	is := func(status types.IndexStatus) {
		s.EditTable(region, s.accessKey, "orders", func(d *types.TableDescription) {
			d.VectorIndexes[0].IndexStatus = status
		})
	}
	is(types.IndexStatusCreating)
	sleeps := 0
	w := s.writer("orders", before.Table)
	w.Sleep = func(context.Context, time.Duration) error {
		if sleeps++; sleeps == 3 {
			is(types.IndexStatusActive)
		}
		return nil
	}
	_, err := w.Make(t.Context(), before)
	if err != nil || sleeps != 3 {
		t.Errorf("waited %d times, want 3: %v", sleeps, err)
	}
}
