// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// inProcess answers requests without a network.
type inProcess struct{ handler http.Handler }

func (p inProcess) Do(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	p.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// The engine uses nearly all that a limited table takes, and hardly anything comes back. Time is the test's own: it passes
// only while everyone waits, so that the result does not depend on the machine.
func TestCapacityIsUsed(t *testing.T) {
	t.Parallel()
	// The bounds are those that the engine is built for, in percent. Partitions are found out one by one.
	for name, bounds := range map[string]shares{
		"copy 0.5 KB, 20,000 WCU, 5 s":  {used: 90, throttled: 1, sentBack: 1},
		"copy 0.5 KB, 20,000 WCU, 15 s": {used: 95, throttled: 1, sentBack: 1},
		"copy 0.5 KB, 16 x 1,000 WCU":   {used: 90, throttled: 2, sentBack: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := scenarioNamed(t, name)
				limit := newCapacity(s.partitions, s.units)
				client := newClient("http://dynamodb.test", inProcess{newNullServer(shapes[s.shape], s.items, s.delay, limit)})
				start := time.Now()
				items, err := runUnjournaled(t.Context(), client, work{Items: s.items})
				if err != nil || items != int64(s.items) {
					t.Fatalf("%d of %d items: %v", items, s.items, err)
				}
				got := limit.shares()
				if got.used < bounds.used || got.throttled > bounds.throttled || got.sentBack > bounds.sentBack {
					t.Errorf("%.1f %% of the capacity used, %.2f %% of the requests throttled, %.2f %% of the items sent back, in %v; want %+v",
						got.used, got.throttled, got.sentBack, time.Since(start), bounds)
				}
			})
		})
	}
}

func scenarioNamed(t *testing.T, name string) scenario {
	t.Helper()
	for _, s := range scenarios {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("there is no scenario %q", name)
	return scenario{}
}

// Every subject does all of the work of every kind that is measured.
func TestSubjects(t *testing.T) {
	t.Parallel()
	for name, subject := range subjects {
		for _, w := range []work{{Items: 5000}, {Items: 5000, Purge: true}, {Items: 5000, Keep: true}, {Items: 5000, Edit: "set"}} {
			client := newClient("http://dynamodb.test", inProcess{newNullServer(shapes["0.5KB"], w.Items, 0, nil)})
			if items, err := subject(t.Context(), client, w); err != nil || items != int64(w.Items) {
				t.Errorf("%s, %+v: %d items, %v", name, w, items, err)
			}
		}
	}
}
