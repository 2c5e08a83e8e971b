// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// runOn is a run by that engine, of at most one request at a time.
type runOn func(ctx context.Context, e *engine.Engine) (*engine.Result, error)

var oneByOne = job.Throughput{Concurrency: 1, Segments: 40}

// copied copies a table, with a version in each item unless that is empty.
func copied(from, to, version, conflict string) runOn {
	j := job.Copy{
		Source: job.Source{Table: from}, Destination: job.Destination{Table: to}, Method: job.MethodScan, OnConflict: conflict, Throughput: oneByOne,
	}
	if version != "" {
		j.Transform = []transform.Step{{Set: map[string]string{"version": "'" + version + "'"}}}
	}
	return func(ctx context.Context, e *engine.Engine) (*engine.Result, error) {
		return e.Copy(ctx, j, engine.Observer{})
	}
}

// purged deletes the items of a table whose n is less than that, or all without a filter if it is 0.
func purged(table string, n int) runOn {
	j := job.Purge{Table: table, Method: job.MethodDeleteItems, Throughput: oneByOne}
	if n > 0 {
		j.Filter = &filter.Filter{Expression: "n < :n", Values: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: fmt.Sprint(n)}}}
	}
	return func(ctx context.Context, e *engine.Engine) (*engine.Result, error) {
		return e.Purge(ctx, j, engine.Observer{})
	}
}

// interrupt ends the run when 375 items have been written.
func (s *site) interrupt(run runOn) {
	s.t.Helper()
	proxy := faultproxy.New(s.settings.Endpoints["dynamodb"], faultproxy.Faults{})
	defer proxy.Close()
	var items atomic.Int64
	proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
		if operation == "BatchWriteItem" && items.Add(25) > 375 || operation == "PutItem" && items.Add(1) > 375 {
			return faultproxy.Error(400, "AccessDeniedException", "no")
		}
		return nil
	})
	_, err := run(s.t.Context(), s.engineAt(proxy.URL))
	saying(s.t, err, "Permission Missing", "resumes there")
}

// versions counts the items of a table by their version.
func (s *site) versions(table string) map[string]int {
	found := map[string]int{}
	for _, item := range s.items(table) {
		version := ""
		if v, ok := item["version"].(*types.AttributeValueMemberS); ok {
			version = v.Value
		}
		found[version]++
	}
	return found
}

// Positions in a table are good until another run changes it.
func TestOtherRunsStartFromTheBeginning(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		interrupted, between runOn
		resumed              bool
		table                string
		want                 map[string]int // What the table then holds.
	}{
		"copy; another one into the destination": {copied("from", "copy", "one", ""), copied("from", "copy", "two", ""), false, "copy", map[string]int{"one": 500}},
		"copy; a purge of the destination":       {copied("from", "copy", "one", ""), purged("copy", 5), false, "copy", map[string]int{"one": 500}},
		"copy; a copy into the source":           {copied("from", "copy", "", ""), copied("other", "from", "two", ""), false, "copy", map[string]int{"two": 500}},
		"copy that skips; a purge":               {copied("from", "copy", "one", job.ConflictSkip), purged("copy", 10), false, "copy", map[string]int{"one": 500}},
		"filtered purge; a copy into the table":  {purged("from", 10), copied("other", "from", "two", ""), false, "from", map[string]int{}},
		"purge; a purge of other items":          {purged("from", 10), purged("from", 0), true, "from", map[string]int{}},
		"copy; another one of the source":        {copied("from", "copy", "one", ""), copied("from", "other", "two", ""), true, "copy", map[string]int{"one": 500}},
		"copy; one of the destination":           {copied("from", "copy", "one", ""), copied("copy", "other", "", ""), true, "copy", map[string]int{"one": 500}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newStubbedSite(t)
			s.create("other")
			s.fill("from", 500)
			s.fill("other", 500)
			s.interrupt(test.interrupted)
			if _, err := test.between(t.Context(), s.engine); err != nil {
				t.Fatal(err)
			}
			result, err := test.interrupted(t.Context(), s.engine)
			if err != nil {
				t.Fatal(err)
			}
			if result.Resumed != test.resumed {
				t.Errorf("resumed: %t, the ledger is %+v", result.Resumed, result.Ledger)
			}
			if got := s.versions(test.table); !maps.Equal(got, test.want) {
				t.Errorf("%s holds %v, want %v", test.table, got, test.want)
			}
		})
	}
}

// leaping is a clock that goes a second forward each time that it is asked.
func leaping() func() time.Time {
	begun, asked := time.Now(), atomic.Int64{}
	return func() time.Time { return begun.Add(time.Duration(asked.Add(1)) * time.Second) }
}

// A run does not touch the progress of one that is under way on another machine, where its locks do not reach.
func TestARunUnderWayElsewhereIsNamed(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	s.fill("from", 500)
	s.interrupt(copied("from", "copy", "one", ""))
	elsewhere, err := s.engine.Journal.Open(t.Context(), s.recordName())
	if err != nil {
		t.Fatal(err)
	}
	before := s.versions("copy")
	s.engine.Now = leaping() // A record that is held for long is waited for.
	for _, run := range []runOn{copied("from", "copy", "two", ""), purged("copy", 5), purged("from", 5)} {
		_, err := run(t.Context(), s.engine)
		saying(t, err, "Table Is In Use By Another Run", fmt.Sprintf("Process %d ", os.Getpid()))
	}
	if got := s.versions("copy"); !maps.Equal(got, before) || len(s.items("from")) != 500 {
		t.Errorf("copy held %v, and holds %v", before, got)
	}
	if err := elsewhere.Close(); err != nil {
		t.Fatal(err)
	}
	s.engine.Now = time.Now
	if result, err := copied("from", "copy", "one", "")(t.Context(), s.engine); err != nil || !result.Resumed {
		t.Errorf("%+v, %v", result, err)
	}
}

// Runs of one apply that make the same record outdated, each for a reason of its own, do not get in each other's way.
func TestTwoRunsForgetOneRecord(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	s.create("other")
	s.fill("from", 500)
	s.fill("other", 30)
	s.interrupt(copied("from", "copy", "", ""))
	name := s.recordName()
	record := filepath.Join(s.directory, name+".json")
	content, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	for range 25 {
		if err := os.WriteFile(record, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var runs sync.WaitGroup
		for _, run := range []runOn{copied("other", "from", "", ""), purged("copy", 5)} {
			runs.Go(func() {
				if _, err := run(t.Context(), s.engine); err != nil {
					t.Error(err)
				}
			})
		}
		runs.Wait()
		if _, err := os.Stat(record); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the record is there: %v", err)
		}
	}
}
