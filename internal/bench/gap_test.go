// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// gap is a server that for a while takes nothing by an operation, or only so many items of each request. No local server does that.
type gap struct {
	http.Handler
	operation string
	length    time.Duration
	keep      int  // Of the items of a BatchWriteItem.
	throttles bool // It refuses requests rather than send their items back.

	once  sync.Once
	start time.Time
}

// gapBegins is when, after the first request of its operation.
const gapBegins = 100 * time.Millisecond

func (g *gap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Target") != "DynamoDB_20120810."+g.operation {
		g.Handler.ServeHTTP(w, r)
		return
	}
	g.once.Do(func() { g.start = time.Now() })
	since := time.Since(g.start)
	switch {
	case since < gapBegins || since > gapBegins+g.length:
	case g.throttles:
		time.Sleep(5 * time.Millisecond)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"too fast"}`)
		return
	default:
		time.Sleep(5 * time.Millisecond)
		g.sendBack(w, r)
		return
	}
	if g.operation == "DeleteItem" { // The other server does not know it.
		time.Sleep(5 * time.Millisecond)
		_, _ = io.WriteString(w, `{"ConsumedCapacity":{"TableName":"t","CapacityUnits":1}}`)
		return
	}
	g.Handler.ServeHTTP(w, r)
}

func (g *gap) sendBack(w http.ResponseWriter, r *http.Request) {
	var request struct{ RequestItems map[string][]json.RawMessage }
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body) // What is missing is no JSON.
	if err := json.Unmarshal(body.Bytes(), &request); err != nil {
		panic(err)
	}
	for table, items := range request.RequestItems {
		keep := min(g.keep, len(items))
		back := map[string][]json.RawMessage{}
		if keep < len(items) {
			back[table] = items[keep:]
		}
		answer, err := json.Marshal(map[string]any{
			"UnprocessedItems": back,
			"ConsumedCapacity": []any{map[string]any{"TableName": table, "CapacityUnits": keep, "Table": map[string]any{"CapacityUnits": keep}}},
		})
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(answer)
	}
}

// A spell in which DynamoDB takes nothing costs a run that time, and some seconds to find the rate again, whatever it writes or reads with.
func TestRunsOutliveAGap(t *testing.T) {
	t.Parallel()
	purge := func(t *testing.T, e *engine.Engine, recheck bool) error {
		j := job.Purge{Table: "source", Method: job.MethodDeleteItems}
		if recheck {
			j.Filter, j.RecheckFilter = &filter.Filter{Expression: "attribute_exists(pk)"}, true
		}
		_, err := e.Purge(t.Context(), j, engine.Observer{})
		return err
	}
	copying := func(t *testing.T, e *engine.Engine, conflict string, writes float64) error {
		_, err := e.Copy(t.Context(), job.Copy{
			Source: job.Source{Table: "source"}, Destination: job.Destination{Table: "destination"}, OnConflict: conflict,
			Throughput: job.Throughput{WriteUnits: writes},
		}, engine.Observer{})
		return err
	}
	for name, test := range map[string]struct {
		operation string
		run       func(t *testing.T, e *engine.Engine) error
		// throttles reports whether the operation is refused as a whole: it has no unprocessed items.
		throttles bool
	}{
		"a copy":                {"BatchWriteItem", func(t *testing.T, e *engine.Engine) error { return copying(t, e, "", 0) }, false},
		"a copy, throttled":     {"BatchWriteItem", func(t *testing.T, e *engine.Engine) error { return copying(t, e, "", 0) }, true},
		"a copy with a limit":   {"BatchWriteItem", func(t *testing.T, e *engine.Engine) error { return copying(t, e, "", 2000) }, false},
		"a copy that skips":     {"PutItem", func(t *testing.T, e *engine.Engine) error { return copying(t, e, job.ConflictSkip, 0) }, true},
		"a copy that reads":     {"Scan", func(t *testing.T, e *engine.Engine) error { return copying(t, e, "", 0) }, true},
		"a purge":               {"BatchWriteItem", func(t *testing.T, e *engine.Engine) error { return purge(t, e, false) }, false},
		"a purge that rechecks": {"DeleteItem", func(t *testing.T, e *engine.Engine) error { return purge(t, e, true) }, true},
	} {
		for _, keep := range []int{0, 1} {
			if keep == 1 && test.throttles {
				continue
			}
			t.Run(fmt.Sprintf("%s, %d of each request", name, keep), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					took := map[time.Duration]time.Duration{}
					for _, length := range []time.Duration{0, 2 * time.Second, 10 * time.Second, 10 * time.Minute} {
						if length > time.Minute && test.throttles {
							break // Each writer sends its request several times a second, which takes the test longer than milliseconds.
						}
						const items = 10_000
						server := &gap{Handler: newNullServer(shapes["0.5KB"], items, 5*time.Millisecond, nil), operation: test.operation, length: length, keep: keep, throttles: test.throttles}
						directory := t.TempDir()
						e := &engine.Engine{
							Connections: oneClient{client: newClient("http://dynamodb.test", inProcess{server})}, Journal: journal.Journal(noJournal{}),
							Directory: directory, UserAgent: "bench", Now: time.Now,
						}
						start := time.Now()
						if err := test.run(t, e); err != nil {
							t.Fatalf("%v: %v", length, err)
						}
						took[length] = time.Since(start)
						if most := took[0] + length + 15*time.Second; took[length] > most {
							t.Errorf("a gap of %v: the run took %v, want less than %v", length, took[length], most)
						}
					}
					t.Log(took)
				})
			})
		}
	}
}
