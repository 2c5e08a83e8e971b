// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// Whoever waits for a copy hears that it is verified, and so does whoever looks into the journal, whichever machines have copied.
func TestVerificationIsSeen(t *testing.T) {
	t.Parallel()
	for _, method := range []string{job.MethodScan, job.MethodEMR} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s, emr := newStubbedSite(t)
			emr.work = s.work
			j := s.copyJob()
			j.Verify = job.VerifyCount
			if j.Method = method; method == job.MethodScan {
				j.EMR = nil
			}
			seen, scans := make(chan struct{}), atomic.Int64{}
			proxy := faultproxy.New(s.settings.Endpoints["dynamodb"], faultproxy.Faults{})
			t.Cleanup(proxy.Close)
			proxy.OnRequest(func(operation string, body []byte) *faultproxy.Reply {
				// The first one finds out, before the copy, that the destination is empty.
				if operation == "Scan" && strings.Contains(string(body), `"TableName":"copy"`) && scans.Add(1) > 1 {
					select {
					case <-seen:
					case <-time.After(time.Minute):
						t.Error("the verification has not been seen for a minute")
					}
				}
				return nil
			})
			e, done := s.engineAt(proxy.URL), false
			_, err := e.Copy(t.Context(), j, engine.Observer{Every: time.Millisecond, Report: func(status engine.Status) {
				if done || !strings.HasPrefix(status.Phase, "verifying, ") || status.Ledger.Written != 25 {
					return
				}
				if done = strings.HasPrefix(s.progress().Phase, "verifying, "); done {
					close(seen)
				}
			}})
			if err != nil || scans.Load() < 2 {
				t.Errorf("the destination was scanned %d times, %v", scans.Load(), err)
			}
		})
	}
}
