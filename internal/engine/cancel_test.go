// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// cancelledItems is how many items the cancelled runs move at most: 40 batches.
const cancelledItems = 1000

// content is what the table of a run holds when it begins.
type content int

const (
	missing content = iota
	empty
	full
)

// cancelling is a site on a control plane, all of whose requests are seen before they are carried out.
type cancelling struct {
	*site
	*seen
	plane *controlplane.Server
}

// seen waits for a request.
type seen struct {
	mu   sync.Mutex
	what string // What is waited for, in the words of see's callers.
	left int    // So many of them.
	then func()
}

// await calls then, once, when the n-th request arrives that is described so.
func (s *seen) await(what string, n int, then func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.what, s.left, s.then = what, n, then
}

func (s *seen) see(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if what == s.what {
		if s.left--; s.left == 0 {
			s.then()
		}
	}
}

func newCancelling(t *testing.T) *cancelling {
	t.Helper()
	c := &cancelling{seen: &seen{}, plane: controlplane.New(dynamodblocal.Shared(t).URL)}
	t.Cleanup(c.plane.Close)
	everysetting.AtOnce(c.plane)
	for _, operation := range []string{"RestoreTableFromBackup", "ExportTableToPointInTime", "StartBulkPutItems"} {
		c.plane.SetLooks(operation, 1000) // They do not end.
	}
	c.plane.OnRequest(func(call controlplane.Call, _ []byte) error {
		c.see(call.Operation + " " + call.Table)
		return nil
	})
	emr := &stub{state: "RUNNING"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/jobruns/") {
			c.see("job")
		}
		emr.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c.site = newSiteOf(t, func(*site) string { return server.URL })
	c.plane.UseS3(c.store.Client())
	c.store.OnRequest(func(r *http.Request) *s3local.Refusal {
		c.see(r.Method + " " + filepath.Ext(r.URL.Path))
		return nil
	})
	for _, service := range []string{"dynamodb", "application_autoscaling", "lambda", "kms"} {
		c.settings.Endpoints[service] = c.plane.URL
	}
	connections, err := awsconn.New(t.Context(), c.settings)
	if err != nil {
		t.Fatal(err)
	}
	if c.db, err = connections.DynamoDB(t.Context(), awsconn.Connection{}); err != nil {
		t.Fatal(err)
	}
	c.engine.Connections = connections
	c.create("from")
	c.fill("from", cancelledItems)
	if _, err := c.db.UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{
		TableName: aws.String("from"), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// create makes the table, which passes through CREATING here.
func (c *cancelling) create(name string) {
	c.t.Helper()
	c.site.create(name)
	everysetting.NewAccount(c.plane, c.settings.AccessKey).Settle(c.t, name)
}

// inEngine matches a line with a function of the engine, not one with a file of it.
var inEngine = regexp.MustCompile(`(?m)^(created by )?github\.com/dynamoops/terraform-provider-dynamoops/internal/engine[./]`)

// engineGoroutines returns the stacks of the goroutines that are in the engine or were started by it. Its own tests wait in Parallel.
func engineGoroutines() []string {
	stacks := make([]byte, 16<<20)
	all := strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
	return slices.DeleteFunc(all, func(stack string) bool {
		return !inEngine.MatchString(stack) || strings.Contains(stack, "testing.(*T).Parallel(")
	})
}

// A run that is cancelled, whatever its kind and wherever it is, leaves no goroutine behind.
//
//nolint:paralleltest // Runs of other tests would have goroutines in the engine too.
func TestNothingIsLeftAfterACancelledRun(t *testing.T) {
	c := newCancelling(t)
	open := &filter.Filter{Expression: "n < :n", Values: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "5"}}}
	copies := func(edit func(*job.Copy)) func(context.Context, string) error {
		return func(ctx context.Context, to string) error {
			j := job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: to}, Method: job.MethodScan}
			edit(&j)
			_, err := c.engine.Copy(ctx, j, engine.Observer{Every: time.Millisecond, Report: func(engine.Status) {}})
			return err
		}
	}
	asItIs := func(*job.Copy) {}
	purges := func(edit func(*job.Purge)) func(context.Context, string) error {
		return func(ctx context.Context, table string) error {
			j := job.Purge{Table: table, Method: job.MethodDeleteItems}
			edit(&j)
			_, err := c.engine.Purge(ctx, j, engine.Observer{Every: time.Millisecond, Report: func(engine.Status) {}})
			return err
		}
	}
	exports := job.Export{To: store.S3Place{Bucket: "work", Prefix: "on-the-way"}}
	inS3 := func() journal.Journal { return journal.S3(c.s3, "work", "journal", time.Now) }

	// The run, to or of the table named TABLE, is cancelled when the last request of these arrives.
	for i, test := range []struct {
		name, request string
		requests      int
		table         content
		journal       func() journal.Journal // Nil for a folder of its own.
		run           func(ctx context.Context, table string) error
	}{
		{name: "copy", table: empty, request: "DescribeTable from", requests: 1, run: copies(asItIs)},
		{name: "copy", table: empty, request: "Scan from", requests: 12, run: copies(asItIs)},
		{name: "copy", table: empty, request: "BatchWriteItem TABLE", requests: 1, run: copies(asItIs)},
		{name: "copy", table: empty, request: "BatchWriteItem TABLE", requests: 38, run: copies(asItIs)},
		{name: "copy that keeps items", table: empty, request: "PutItem TABLE", requests: 200, run: copies(func(j *job.Copy) {
			j.OnConflict = job.ConflictSkip
		})},
		{name: "verification", table: empty, request: "Scan TABLE", requests: 12, run: copies(func(j *job.Copy) { j.Verify = job.VerifyFull })},
		{name: "copy to a file", request: "Scan from", requests: 12, run: copies(func(j *job.Copy) {
			j.Destination = job.Destination{File: filepath.Join(t.TempDir(), "items.jsonl")}
		})},
		{name: "copy to S3", request: "PUT .gz", requests: 1, run: copies(func(j *job.Copy) {
			j.Destination = job.Destination{S3: &store.S3Place{Bucket: "work", Prefix: "exports"}}
		})},
		{name: "journal in S3", table: empty, request: "BatchWriteItem TABLE", requests: 20, journal: inS3, run: copies(asItIs)},
		{name: "list of the journal in S3", table: empty, request: "GET ", requests: 1, journal: inS3, run: copies(asItIs)},
		{name: "lock in S3", table: empty, request: "GET .lock", requests: 2, journal: inS3, run: func(ctx context.Context, table string) error {
			j := job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: table}}
			held, release := context.WithCancel(ctx)
			defer release()
			var other sync.WaitGroup
			defer other.Wait()
			other.Go(func() { _, _ = c.engine.Copy(held, j, engine.Observer{}) }) // One of both waits for the other's lock.
			_, err := c.engine.Copy(ctx, j, engine.Observer{})
			return err
		}},
		{name: "purge", table: full, request: "BatchWriteItem TABLE", requests: 20, run: purges(func(*job.Purge) {})},
		{name: "purge with a filter", table: full, request: "DeleteItem TABLE", requests: 100, run: purges(func(j *job.Purge) {
			j.Filter, j.RecheckFilter = open, true
		})},
		{name: "recreate", table: full, request: "DeleteTable TABLE", requests: 1, run: purges(func(j *job.Purge) { j.Method = job.MethodRecreate })},
		{name: "restore", request: "RestoreTableFromBackup TABLE", requests: 1, run: copies(func(j *job.Copy) {
			j.Method, j.Destination.Create = job.MethodRestore, settings.Schema
		})},
		{name: "export", table: empty, request: "DescribeExport from", requests: 2, run: copies(func(j *job.Copy) {
			j.Method, j.Export = job.MethodExport, exports
		})},
		{name: "Spark job", table: empty, request: "job", requests: 2, run: copies(func(j *job.Copy) { j.Method, j.EMR = job.MethodEMR, &c.config })},
		{name: "worker", table: full, request: "BatchWriteItem TABLE", requests: 10, run: func(ctx context.Context, table string) error {
			task := c.task(table)
			_, err := c.worker(task).Work(ctx, task, engine.Observer{})
			return err
		}},
	} {
		t.Run(fmt.Sprintf("%s, %s %d", test.name, test.request, test.requests), func(t *testing.T) {
			table := fmt.Sprint("table-", i)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.table != missing {
				c.create(table)
			}
			if test.table == full {
				c.fill(table, cancelledItems)
			}
			c.engine.Journal = journal.Local(t.TempDir())
			if test.journal != nil {
				c.engine.Journal = test.journal()
			}
			running := 0
			c.await(strings.ReplaceAll(test.request, "TABLE", table), test.requests, func() {
				running = len(engineGoroutines())
				cancel()
			})
			err := test.run(ctx, table)
			left := engineGoroutines()
			for deadline := time.Now().Add(30 * time.Second); len(left) > 0 && time.Now().Before(deadline); left = engineGoroutines() {
				time.Sleep(time.Millisecond) // Some may be about to end.
			}
			if p, ok := errors.AsType[*problem.Problem](err); !ok || p.Summary != "Run Cancelled" {
				t.Errorf("the run returned %v", err)
			}
			t.Logf("cancelled with %d goroutines in the engine", running)
			if running == 0 {
				t.Error("no goroutine was in the engine when the run was cancelled")
			}
			if len(left) > 0 {
				t.Errorf("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
			}
		})
	}
}
