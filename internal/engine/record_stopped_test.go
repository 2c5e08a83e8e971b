// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// A run that fails says so to whoever watches, and the one that resumes it runs.
func TestStoppedRunSaysSo(t *testing.T) {
	t.Parallel()
	t.Run("scan", func(t *testing.T) {
		t.Parallel()
		s, _ := newStubbedSite(t)
		proxy := faultproxy.New(s.settings.Endpoints["dynamodb"], faultproxy.Faults{})
		t.Cleanup(proxy.Close)
		s.fill("from", 500) // 20 batches, of which the 11th is refused.
		e, batches := s.engineAt(proxy.URL), atomic.Int64{}
		proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
			if operation == "BatchWriteItem" && batches.Add(1) > 10 {
				return faultproxy.Error(400, "AccessDeniedException", "no")
			}
			return nil
		})
		j := job.Copy{
			Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}, Throughput: job.Throughput{Segments: 50, Concurrency: 1},
		}
		if _, err := e.Copy(t.Context(), j, engine.Observer{}); err == nil || !s.progress().Stopped {
			t.Fatalf("the run ended with %v, and its record is %+v", err, s.progress())
		}
		proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
			for deadline := time.Now().Add(time.Minute); operation == "BatchWriteItem" && s.progress().Stopped; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Error("the run has not said for a minute that it goes on")
					break
				}
			}
			return nil
		})
		if result, err := e.Copy(t.Context(), j, engine.Observer{}); err != nil || !result.Resumed {
			t.Errorf("the result is %+v, %v", result, err)
		}
	})
	t.Run("emr", func(t *testing.T) {
		t.Parallel()
		s, emr := newStubbedSite(t)
		emr.set("FAILED")
		if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Spark Job Failed" || !s.progress().Stopped {
			t.Errorf("the problem is %+v, and the record %+v", p, s.progress())
		}
	})
}
