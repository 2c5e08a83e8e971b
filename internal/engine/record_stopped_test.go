// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// progress is what the one record of the engine's journal says.
func (s *site) progress(e *engine.Engine) engine.Progress {
	s.t.Helper()
	var progress engine.Progress
	names, err := e.Journal.Names(s.t.Context())
	if err != nil || len(names) != 1 {
		s.t.Errorf("the journal has %q, %v", names, err)
		return progress
	}
	if _, err := e.Journal.Peek(s.t.Context(), names[0], &progress); err != nil {
		s.t.Error(err)
	}
	return progress
}

// A run that fails says so to whoever watches, and the one that resumes it runs.
func TestStoppedRunSaysSo(t *testing.T) {
	t.Parallel()
	t.Run("scan", func(t *testing.T) {
		t.Parallel()
		s, _ := newStubbedSite(t)
		proxy := faultproxy.New(s.settings.Endpoints["dynamodb"], faultproxy.Faults{})
		t.Cleanup(proxy.Close)
		s.fill("from", 500) // 20 batches, of which 10 fail.
		e, batches, resumes := s.engineAt(proxy.URL), atomic.Int64{}, atomic.Bool{}
		proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
			switch {
			case operation != "BatchWriteItem":
				return nil
			case !resumes.Load():
				if batches.Add(1) <= 10 {
					return nil
				}
				return faultproxy.Error(400, "AccessDeniedException", "no")
			}
			for deadline := time.Now().Add(time.Minute); s.progress(e).Stopped; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Error("the run has not said for a minute that it goes on")
					return nil
				}
			}
			return nil
		})
		job := engine.CopyJob{
			Source: engine.CopySource{Table: "from"}, Destination: engine.CopyDestination{Table: "copy"}, Throughput: engine.Throughput{Segments: 50, Concurrency: 1},
		}
		if _, err := e.Copy(t.Context(), job, engine.Observer{}); err == nil || !s.progress(e).Stopped {
			t.Fatalf("the run ended with %v, and its record is %+v", err, s.progress(e))
		}
		resumes.Store(true)
		if result, err := e.Copy(t.Context(), job, engine.Observer{}); err != nil || !result.Resumed {
			t.Errorf("the result is %+v, %v", result, err)
		}
	})
	t.Run("emr", func(t *testing.T) {
		t.Parallel()
		s, emr := newStubbedSite(t)
		emr.set("FAILED")
		if p := s.copies(t.Context(), s.copyJob()); p.Summary != "Spark Job Failed" || !s.progress(s.engine).Stopped {
			t.Errorf("the problem is %+v, and the record %+v", p, s.progress(s.engine))
		}
	})
}
