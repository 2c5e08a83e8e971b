// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// deny has the server refuse the operation from the request of that number on, which begins with 1.
func (p *plane) deny(operation string, from int) {
	seen := 0
	p.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation != operation {
			return nil
		}
		if seen++; seen < from {
			return nil
		}
		return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	})
}

// dropped recreates the table "orders" so that it is dropped, and not made: the first CreateTable is the proof.
func (p *plane) dropped(t *testing.T) {
	t.Helper()
	p.deny("CreateTable", 2)
	_, err := p.purge(t, "orders", job.MethodRecreate)
	saying(t, err, "The table was dropped", "Apply again")
	p.OnRequest(nil)
}

// records are the names of what the journal holds.
func (p *plane) records(t *testing.T) []string {
	t.Helper()
	names, err := journal.Local(p.directory).Names(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// knownAccount are connections that know whose the credentials are.
type knownAccount struct {
	engine.Connections
	account string
}

func (c knownAccount) AccountOf(context.Context, awsconn.Connection) (string, error) {
	return c.account, nil
}

// A recreate that was interrupted after the drop is never taken for one of a table of that name in another account.
func TestUnfinishedRecreateOfAnotherAccount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ accountKnown, there bool }{
		"account known, a table there": {true, true}, "account known, no table": {true, false},
		"account not known, a table there": {false, true}, "account not known, no table": {false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := newPlane(t)
			others := ours.in(t, rand.Text())
			if test.accountKnown {
				for _, p := range []*plane{ours, others} {
					p.engine.Connections = knownAccount{p.engine.Connections, controlplane.Account(p.account.AccessKey)}
				}
			}
			ours.create(t, "orders", 2)
			was := ours.account.Everything(t, "orders")
			ours.dropped(t)
			left := ours.records(t)
			before := ""
			if test.there {
				others.create(t, "orders", 3)
				before = others.account.Everything(t, "orders")
			}
			calls := len(ours.Calls())
			result, err := others.purge(t, "orders", job.MethodDeleteItems)
			switch {
			case !test.accountKnown:
				saying(t, err, "Unfinished Recreate", "not known", "skip_requesting_account_id", controlplane.Account(ours.account.AccessKey))
			case !test.there:
				saying(t, err, "Table Not Found")
			case err != nil || result.Ledger.Written != 3:
				t.Errorf("%+v, %v", result, err)
			}
			for _, call := range ours.Calls()[calls:] {
				if call.Writes && call.Operation != "BatchWriteItem" {
					t.Errorf("%s was called", call.Operation)
				}
			}
			if test.there {
				sameDocument(t, before, others.account.Everything(t, "orders"))
			}
			if names := ours.records(t); !slices.Equal(names, left) {
				t.Fatalf("the journal holds %q, and held %q", names, left)
			}
			result, err = ours.purge(t, "orders", job.MethodRecreate)
			if err != nil || !result.Resumed || result.Method != job.MethodRecreate {
				t.Fatalf("%+v, %v", result, err)
			}
			sameDocument(t, was, ours.account.Everything(t, "orders"))
		})
	}
}

// sameDocument compares what Everything has read of a table.
func sameDocument(t *testing.T, want, got string) {
	t.Helper()
	if want != got {
		t.Errorf("the table was\n%s\nand is\n%s", want, got)
	}
}

// A purge of a table that a copy has begun to replace leaves nothing of what was restored, wherever the copy has stopped.
func TestPurgeOfAnUnfinishedReplacement(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		operation string
		from      int
		says      string
	}{
		"before the restore":   {"RestoreTableFromBackup", 2, "The table was dropped"}, // The first is the proof.
		"with the items there": {"TagResource", 1, "Settings Differ After Recreate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "source", 5)
			p.create(t, "orders", 2)
			was := p.account.Everything(t, "orders")
			p.deny(test.operation, test.from)
			_, err := p.engine.Copy(t.Context(), job.Copy{
				Source: job.Source{Table: "source"}, Destination: job.Destination{Table: "orders"},
				Method: job.MethodRestore, Restore: job.Restore{Replace: true},
			}, engine.Observer{})
			saying(t, err, test.says)
			p.OnRequest(nil)
			for _, method := range []string{job.MethodDeleteItems, job.MethodRecreate} { // The second has nothing left to do.
				result, err := p.purge(t, "orders", method)
				if err != nil || result.Method != method {
					t.Fatalf("%+v, %v", result, err)
				}
				if left := p.count(t); left != 0 {
					t.Errorf("%d items are left", left)
				}
			}
			sameDocument(t, was, p.account.Everything(t, "orders"))
			if names := p.records(t); len(names) != 0 {
				t.Errorf("the journal holds %q", names)
			}
		})
	}
}

// A recreate that ends while AWS deletes the old table, or makes the new one, is finished by the next run.
func TestRecreateEndsWhileTheTableChanges(t *testing.T) {
	t.Parallel()
	for operation, status := range map[string]types.TableStatus{"DeleteTable": types.TableStatusDeleting, "CreateTable": types.TableStatusCreating} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "orders", 3)
			was := p.account.Everything(t, "orders")
			p.SetLooks(operation, 3)
			dropped, begun := false, false
			p.OnRequest(func(call controlplane.Call, _ []byte) error {
				dropped = dropped || call.Operation == "DeleteTable"
				if begun { // The process is dead.
					return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "dead"}
				}
				begun = dropped && call.Operation == operation
				return nil
			})
			_, err := p.purge(t, "orders", job.MethodRecreate)
			saying(t, err, "The table was dropped", "Apply again")
			p.OnRequest(nil)
			if is := p.account.Describe(t, "orders").TableStatus; is != status {
				t.Fatalf("the table is %s", is)
			}
			if result, err := p.purge(t, "orders", job.MethodRecreate); err != nil || !result.Resumed {
				t.Fatalf("%+v, %v", result, err)
			}
			sameDocument(t, was, p.account.Everything(t, "orders"))
			if left := p.count(t); left != 0 {
				t.Errorf("%d items are left", left)
			}
		})
	}
}

// The backup that AWS makes of a table that is dropped may be listed some seconds later.
func TestSystemBackupIsListedLater(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 1)
	if _, err := p.account.DynamoDB.UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{
		TableName: aws.String("orders"), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}); err != nil {
		t.Fatal(err)
	}
	p.SetLooks("SystemBackup", 1)
	result, err := p.purge(t, "orders", job.MethodRecreate)
	if err != nil || !strings.Contains(result.BackupARN, "/backup/") {
		t.Errorf("%+v, %v", result, err)
	}
}

// A plan says for what warm throughput of the new table AWS charges.
func TestWarmThroughputIsAnnounced(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 0)
	says := func() bool {
		return slices.ContainsFunc(p.engine.CheckPurge(t.Context(), job.Purge{Table: "orders"}), func(found *problem.Problem) bool {
			return found.Warning && strings.Contains(found.Cause, "the table 20000 reads and 5000 writes a second")
		})
	}
	if says() {
		t.Error("a table that has what all tables have is said to be charged for")
	}
	p.EditTable(everysetting.Region, p.account.AccessKey, "orders", func(d *types.TableDescription) {
		d.WarmThroughput.ReadUnitsPerSecond, d.WarmThroughput.WriteUnitsPerSecond = aws.Int64(20_000), aws.Int64(5000)
	})
	if !says() {
		t.Error("the plan does not say what is charged for")
	}
}

// With the journal in S3 another machine finishes a recreate, and leaves nothing there.
func TestRecreateIsFinishedOnAnotherMachine(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	s3 := s3local.New(t)
	bucket := s3.Bucket(t)
	other := p.in(t, p.account.AccessKey)
	for _, machine := range []*plane{p, other} {
		machine.engine.Journal, machine.engine.Directory = journal.S3(s3.Client(), bucket, "ci", time.Now), t.TempDir()
	}
	p.create(t, "orders", 3)
	was := p.account.Everything(t, "orders")
	p.dropped(t)
	result, err := other.purge(t, "orders", job.MethodRecreate)
	if err != nil || !result.Resumed {
		t.Fatalf("%+v, %v", result, err)
	}
	sameDocument(t, was, p.account.Everything(t, "orders"))
	if left := s3.Keys(t.Context(), t, bucket, ""); len(left) != 0 {
		t.Errorf("S3 holds %q", left)
	}
}
