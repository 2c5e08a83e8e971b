// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// slowly has DynamoDB Local carry out each write at once and answer it a while later, or never. The n-th of them begins with ends, which
// returns whether the request is refused.
func (s *site) slowly(t *testing.T, n int64, never bool, ends func() (refused bool)) *engine.Engine {
	t.Helper()
	target, err := url.Parse(s.settings.Endpoints["dynamodb"])
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var writes atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation != "BatchWriteItem" && operation != "PutItem" && operation != "DeleteItem" {
			proxy.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body) // What is missing DynamoDB Local refuses.
		if writes.Add(1) == n && ends() {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"no"}`)
			return
		}
		forwarded := r.Clone(context.WithoutCancel(r.Context()))
		forwarded.Body = io.NopCloser(strings.NewReader(string(body)))
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, forwarded)
		select {
		case <-r.Context().Done():
			return
		case <-time.After(map[bool]time.Duration{false: 300 * time.Millisecond, true: time.Hour}[never]):
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	return s.engineAt(server.URL)
}

// counted is what the problem says about the items that were written or deleted.
var counted = regexp.MustCompile(`(at least )?(\d+) (?:written|deleted)`)

// A run that ends early has counted everything that it did, since it waits for the answers under way; where none come, it says that there
// may be more.
func TestCountsOfAFailedRun(t *testing.T) {
	t.Parallel()
	const items = 1000
	copying := func(conflict string) func(context.Context, *engine.Engine) error {
		return func(ctx context.Context, e *engine.Engine) error {
			_, err := e.Copy(ctx, job.Copy{
				Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}, Method: job.MethodScan, OnConflict: conflict,
			}, engine.Observer{})
			return err
		}
	}
	purging := func(recheck bool) func(context.Context, *engine.Engine) error {
		return func(ctx context.Context, e *engine.Engine) error {
			j := job.Purge{Table: "from", Method: job.MethodDeleteItems}
			if recheck {
				j.Filter, j.RecheckFilter = &filter.Filter{Expression: "attribute_exists(id)"}, true
			}
			_, err := e.Purge(ctx, j, engine.Observer{})
			return err
		}
	}
	for name, run := range map[string]func(context.Context, *engine.Engine) error{
		"copy": copying(""), "copy that skips": copying(job.ConflictSkip), "purge": purging(false), "purge that rechecks": purging(true),
	} {
		for _, end := range []string{"refused", "cancelled", "refused, no answers"} {
			t.Run(name+", "+end, func(t *testing.T) {
				t.Parallel()
				s, _ := newStubbedSite(t)
				s.fill("from", items)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				never := strings.Contains(end, "no answers")
				err := run(ctx, s.slowly(t, 12, never, func() bool {
					if end == "cancelled" {
						cancel()
						return false
					}
					return true
				}))
				p := problemOf(t, err)
				said := counted.FindStringSubmatch(p.Counts)
				if said == nil {
					t.Fatalf("the counts are %q", p.Counts)
				}
				claimed, _ := strconv.Atoi(said[2])
				done := s.count("copy")
				if strings.HasPrefix(name, "purge") {
					done = items - s.count("from")
				}
				switch {
				case never && (said[1] == "" || claimed > done):
					t.Errorf("%d items were written or deleted, and the run says %q", done, p.Counts)
				case !never && (said[1] != "" || claimed != done || done == 0):
					t.Errorf("%d items were written or deleted, and the run says %q", done, p.Counts)
				}
			})
		}
	}
}

// count is how many items the table has.
func (s *site) count(table string) (items int) {
	s.t.Helper()
	pages := dynamodb.NewScanPaginator(s.db, &dynamodb.ScanInput{TableName: aws.String(table), Select: types.SelectCount, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		items += int(page.Count)
	}
	return items
}
