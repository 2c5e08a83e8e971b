// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// atDrop calls the function when the table is about to be dropped, before anything of that is done.
func (p *plane) atDrop(do func()) {
	var once sync.Once
	p.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "DeleteTable" {
			once.Do(do)
		}
		return nil
	})
}

// inS3 has the plane keep its journal in an S3 of its own, which is asked once for each thing.
func (p *plane) inS3(t *testing.T, now func() time.Time) *s3local.Server {
	t.Helper()
	store := s3local.New(t)
	options := store.Client().Options()
	options.RetryMaxAttempts = 1
	p.engine.Journal = journal.S3(s3.New(options), store.Bucket(t), "j", now)
	return store
}

// unsavedRuns are runs that drop the table "orders".
var unsavedRuns = map[string]func(*testing.T, *plane) (*engine.Result, error){
	"recreate": func(t *testing.T, p *plane) (*engine.Result, error) {
		return p.purge(t, "orders", job.MethodRecreate)
	},
	"replacement": func(t *testing.T, p *plane) (*engine.Result, error) {
		return p.engine.Copy(t.Context(), job.Copy{
			Source: job.Source{Table: "source"}, Destination: job.Destination{Table: "orders"},
			Method: job.MethodRestore, Restore: job.Restore{Replace: true},
		}, engine.Observer{})
	},
}

// A table that is dropped is created, and gets its settings, even if the journal can no longer be saved.
func TestTableIsBackThoughTheJournalCannotBeSaved(t *testing.T) {
	t.Parallel()
	for kind, run := range unsavedRuns {
		for name, fails := range map[string]func(*testing.T, *plane){
			"full disk": func(_ *testing.T, p *plane) {
				disk := &fullDisk{Journal: p.engine.Journal, full: make(chan struct{}), refused: make(chan struct{})}
				p.engine.Journal = disk
				p.atDrop(func() { close(disk.full) })
			},
			"S3 fails": func(t *testing.T, p *plane) {
				p.refuseRecords(t, &s3local.Refusal{Status: http.StatusServiceUnavailable, Code: "SlowDown"})
			},
			"expired token": func(t *testing.T, p *plane) {
				p.refuseRecords(t, &s3local.Refusal{Status: http.StatusBadRequest, Code: "ExpiredToken"})
			},
			"denied": func(t *testing.T, p *plane) {
				p.refuseRecords(t, &s3local.Refusal{Status: http.StatusForbidden, Code: "AccessDenied"})
			},
		} {
			t.Run(kind+", "+name, func(t *testing.T) {
				t.Parallel()
				p := newPlane(t)
				p.create(t, "source", 2)
				p.create(t, "orders", 3)
				was, id := p.account.Everything(t, "orders"), *p.account.Describe(t, "orders").TableId
				fails(t, p)
				result, err := run(t, p)
				if err != nil {
					t.Fatal(err)
				}
				if len(result.Warnings) != 1 || result.Warnings[0].Summary != "Progress Could Not Be Saved" {
					t.Errorf("the remarks are %v", result.Warnings)
				}
				p.OnRequest(nil)
				sameDocument(t, was, p.account.Everything(t, "orders"))
				if *p.account.Describe(t, "orders").TableId == id {
					t.Error("the table was not dropped, so that nothing is proved")
				}
				if names, err := p.engine.Journal.Names(t.Context()); err != nil || len(names) != 0 {
					t.Errorf("the journal holds %q, %v", names, err)
				}
			})
		}
	}
}

// refuseRecords has S3 refuse to write a record from the drop on.
func (p *plane) refuseRecords(t *testing.T, refusal *s3local.Refusal) {
	t.Helper()
	store := p.inS3(t, time.Now)
	p.atDrop(func() {
		store.OnRequest(func(r *http.Request) *s3local.Refusal {
			if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, ".json") {
				return refusal
			}
			return nil
		})
	})
}

// If even the record cannot be removed, the table is complete, and the next run says no more than that.
func TestRecordOfACompleteRecreateStays(t *testing.T) {
	t.Parallel()
	for kind, run := range unsavedRuns {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "source", 2)
			p.create(t, "orders", 3)
			was := p.account.Everything(t, "orders")
			store := p.inS3(t, time.Now)
			p.atDrop(func() {
				store.OnRequest(func(*http.Request) *s3local.Refusal {
					return &s3local.Refusal{Status: http.StatusForbidden, Code: "AccessDenied"}
				})
			})
			_, err := run(t, p)
			saying(t, err, "Journal Cannot Be Used", "has all of its settings", "recreate-", "apply again")
			p.OnRequest(nil)
			store.Advance(2 * time.Minute) // The lock could not be released either.
			sameDocument(t, was, p.account.Everything(t, "orders"))
			id := *p.account.Describe(t, "orders").TableId
			store.OnRequest(nil)
			result, err := run(t, p)
			if err != nil || !result.Resumed {
				t.Fatalf("%+v, %v", result, err)
			}
			if is := *p.account.Describe(t, "orders").TableId; is != id {
				t.Error("the table was dropped once more")
			}
			sameDocument(t, was, p.account.Everything(t, "orders"))
			if names, err := p.engine.Journal.Names(t.Context()); err != nil || len(names) != 0 {
				t.Errorf("the journal holds %q, %v", names, err)
			}
		})
	}
}

// A run that dies once the table is created, and could not say so, is finished by the next one.
func TestCreatedTableIsKnownAgain(t *testing.T) {
	t.Parallel()
	for kind, run := range unsavedRuns {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "source", 2)
			p.create(t, "orders", 3)
			if _, err := p.account.DynamoDB.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
				TableName: aws.String("orders"), TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: aws.Bool(true)},
			}); err != nil {
				t.Fatal(err)
			}
			p.account.Settle(t, "orders")
			was := p.account.Everything(t, "orders")
			usual := p.engine.Journal
			disk := &fullDisk{Journal: usual, full: make(chan struct{}), refused: make(chan struct{})}
			p.engine.Journal = disk
			var once sync.Once
			p.OnRequest(func(call controlplane.Call, _ []byte) error {
				switch call.Operation {
				case "DeleteTable":
					once.Do(func() { close(disk.full) })
				case "UpdateTimeToLive": // The process is dead.
					return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "dead"}
				}
				return nil
			})
			_, err := run(t, p)
			saying(t, err, "Permission Missing", "The table was recreated, and lacks the settings", "could not be saved after the drop", "no space left", "Apply again")
			p.OnRequest(nil)
			id := *p.account.Describe(t, "orders").TableId
			p.engine.Journal = usual
			result, err := run(t, p)
			if err != nil || !result.Resumed || *p.account.Describe(t, "orders").TableId != id {
				t.Fatalf("%+v, %v", result, err)
			}
			p.account.Settle(t, "orders")
			sameDocument(t, was, p.account.Everything(t, "orders"))
		})
	}
}

// A table with other keys that somebody makes after the drop is never taken for the one that was dropped.
func TestTableOfAnotherSchemaIsLeftAlone(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 3)
	dropped := false
	p.OnRequest(func(call controlplane.Call, _ []byte) error {
		if dropped { // The process is dead.
			return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "dead"}
		}
		dropped = call.Operation == "DeleteTable"
		return nil
	})
	_, err := p.purge(t, "orders", job.MethodRecreate)
	saying(t, err, "The table was dropped", "Apply again")
	p.OnRequest(nil)
	for p.there(t, "orders") { // It is being deleted.
		_, _ = p.account.DynamoDB.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	}
	p.account.Create(t, &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("other"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("other"), KeyType: types.KeyTypeHash}},
	})
	was := p.account.Everything(t, "orders")
	for range 2 {
		_, err = p.purge(t, "orders", job.MethodRecreate)
		saying(t, err, "Another Table Has The Name", "delete the record")
	}
	sameDocument(t, was, p.account.Everything(t, "orders"))
}

// there reports whether there is such a table.
func (p *plane) there(t *testing.T, table string) bool {
	t.Helper()
	found, err := p.account.DynamoDB.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found.TableNames {
		if name == table {
			return true
		}
	}
	return false
}

// A lock that could not be renewed in time ends a recreate, but not before the table is there.
func TestLockLapsesAfterTheDrop(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 3)
	was := p.account.Everything(t, "orders")
	p.SetLooks("DeleteTable", 3) // The drop is waited for, and so is the creation.
	p.SetLooks("CreateTable", 3)
	var ahead atomic.Int64
	store := p.inS3(t, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	p.atDrop(func() { ahead.Store(int64(2 * time.Minute)) })
	_, err := p.purge(t, "orders", job.MethodRecreate)
	saying(t, err, "Run Is No Longer This Process's", "has not completed it", "Apply again")
	if is := p.account.Describe(t, "orders").TableStatus; is != types.TableStatusActive {
		t.Errorf("the table is %s", is)
	}
	p.OnRequest(nil)
	store.Advance(2 * time.Minute)
	if result, err := p.purge(t, "orders", job.MethodRecreate); err != nil || !result.Resumed {
		t.Fatalf("%+v, %v", result, err)
	}
	sameDocument(t, was, p.account.Everything(t, "orders"))
}

// A journal that cannot be saved before the drop ends a recreate with the table as it was.
func TestJournalCannotBeSavedBeforeTheDrop(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 3)
	was := p.account.Everything(t, "orders")
	disk := &fullDisk{Journal: p.engine.Journal, full: make(chan struct{}), refused: make(chan struct{})}
	usual := p.engine.Journal
	p.engine.Journal = disk
	p.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "CreateTable" { // The proof.
			close(disk.full)
		}
		return nil
	})
	_, err := p.purge(t, "orders", job.MethodRecreate)
	saying(t, err, "Journal Cannot Be Used", "The table was not dropped", "are as they were", "no space left")
	p.OnRequest(nil)
	sameDocument(t, was, p.account.Everything(t, "orders"))
	if p.count(t) != 3 {
		t.Error("items are missing")
	}
	if names, err := usual.Names(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("the journal holds %q, %v", names, err)
	}
}
