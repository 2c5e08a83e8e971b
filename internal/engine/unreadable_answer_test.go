// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// A write that something between us and DynamoDB answers in its place, with status 200, is not counted: the next attempt writes those
// items too.
func TestUnreadableAnswer(t *testing.T) {
	t.Parallel()
	from := job.Source{Table: "from"}
	all := &filter.Filter{Expression: "attribute_exists(id)"}
	for name, test := range map[string]struct {
		operation string
		run       func(context.Context, *engine.Engine) (*engine.Result, error)
		emptied   bool
	}{
		"copy": {operation: "BatchWriteItem", run: func(ctx context.Context, e *engine.Engine) (*engine.Result, error) {
			return e.Copy(ctx, job.Copy{Source: from, Destination: job.Destination{Table: "copy"}}, engine.Observer{})
		}},
		"copy that keeps items": {operation: "PutItem", run: func(ctx context.Context, e *engine.Engine) (*engine.Result, error) {
			return e.Copy(ctx, job.Copy{Source: from, Destination: job.Destination{Table: "copy"}, OnConflict: job.ConflictSkip}, engine.Observer{})
		}},
		"purge": {emptied: true, operation: "BatchWriteItem", run: func(ctx context.Context, e *engine.Engine) (*engine.Result, error) {
			return e.Purge(ctx, job.Purge{Table: "from", Method: job.MethodDeleteItems}, engine.Observer{})
		}},
		"purge with a filter": {emptied: true, operation: "DeleteItem", run: func(ctx context.Context, e *engine.Engine) (*engine.Result, error) {
			return e.Purge(ctx, job.Purge{Table: "from", Filter: all, RecheckFilter: true}, engine.Observer{})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newStubbedSite(t)
			want := s.items("from")
			proxy := faultproxy.New(s.settings.Endpoints["dynamodb"], faultproxy.Faults{})
			t.Cleanup(proxy.Close)
			var writes atomic.Int64
			proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
				if operation == test.operation && writes.Add(1) == 1 {
					return &faultproxy.Reply{Status: http.StatusOK, Body: []byte("<html>maintenance</html>")}
				}
				return nil
			})
			e := s.engineAt(proxy.URL)
			if _, err := test.run(t.Context(), e); err == nil {
				t.Fatal("the run took the page for an acknowledgement")
			}
			result, err := test.run(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			if result.Ledger.Scanned != int64(len(want)) || result.Ledger.Written != int64(len(want)) {
				t.Errorf("the ledger of %d items is %+v", len(want), result.Ledger)
			}
			if test.emptied {
				if left := s.items("from"); len(left) != 0 {
					t.Errorf("%d items are left", len(left))
				}
				return
			}
			s.equals("from")
		})
	}
}
