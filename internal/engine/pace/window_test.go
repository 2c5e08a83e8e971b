// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// A Window lets through what a partition takes, and little more.
func TestWindowFindsTheCapacity(t *testing.T) {
	t.Parallel()
	const latency, length = 5 * time.Millisecond, 20 * time.Second
	for _, capacity := range []float64{300, 1000, 5000} {
		partition := newLimited(capacity, 1)
		var window pace.Window
		var coming []time.Time // When the items in flight are answered.
		taken, back := 0.0, 0.0
		for now := epoch; now.Before(epoch.Add(length)); now = now.Add(100 * time.Microsecond) {
			for len(coming) > 0 && !now.Before(coming[0]) {
				coming = coming[1:]
				if partition.take(now, 1) == 1 {
					taken++
					window.Settled()
				} else {
					back++
					window.Back(now, 20*time.Millisecond)
				}
			}
			for len(coming) < 200 && window.Open(now) {
				window.Sent()
				coming = append(coming, now.Add(latency))
			}
		}
		if share := taken / (capacity * length.Seconds()); share < 0.95 {
			t.Errorf("%.1f %% of %v units a second were used", 100*share, capacity)
		}
		if share := back / (back + taken); share > 0.25 {
			t.Errorf("%.1f %% of the items were unprocessed at %v units a second", 100*share, capacity)
		}
	}
}

// A Window never closes for good, and has no limit until something is unprocessed.
func TestWindowStaysOpen(t *testing.T) {
	t.Parallel()
	var window pace.Window
	now := epoch
	for range 10_000 {
		if !window.Open(now) {
			t.Fatal("a window is closed although nothing was unprocessed")
		}
		window.Sent()
	}
	for range 10_000 {
		now = now.Add(time.Second)
		window.Back(now, time.Millisecond)
	}
	now = now.Add(time.Second)
	if !window.Open(now) {
		t.Error("a window is closed with nothing in flight")
	}
}
