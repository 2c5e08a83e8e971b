// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// request is one that waits, or is answered after it.
type request struct {
	at     time.Time
	charge pace.Charge
	sent   bool
}

// simulate has so many workers send requests for that long, without a clock, and returns what they consumed in each second.
func simulate(rate float64, workers int, length time.Duration, latency time.Duration, cost func() float64) []float64 {
	start := time.Unix(0, 0)
	bucket := pace.NewBucket(rate, start)
	seconds := make([]float64, int(length.Seconds()))
	queue := make([]request, workers)
	for i := range queue {
		queue[i].at = start
	}
	for {
		slices.SortFunc(queue, func(a, b request) int { return a.at.Compare(b.at) })
		next := &queue[0]
		second := int(next.at.Sub(start).Seconds())
		if second >= len(seconds) {
			return seconds
		}
		if next.sent {
			consumed := cost()
			seconds[second] += consumed
			bucket.Settle(next.charge, consumed)
			next.sent = false
			continue
		}
		charge, wait := bucket.Reserve(next.at, 0.5)
		*next = request{at: next.at.Add(wait + latency), charge: charge, sent: true}
	}
}

// Whatever requests cost, and however many are under way, the average is the rate, over the whole run and in each second
// but the first.
func TestBucketKeepsTheRate(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for name, test := range map[string]struct {
		rate    float64
		workers int
		cost    func() float64
	}{
		"batches of small items":   {5000, 32, func() float64 { return 25 }},
		"items of many sizes":      {5000, 32, func() float64 { return 1 + 100*random.Float64() }},
		"a low rate":               {10, 32, func() float64 { return 2 }},
		"half units":               {100, 8, func() float64 { return 0.5 }},
		"pages, few workers":       {1000, 8, func() float64 { return 32 }},
		"rate that workers exceed": {20_000, 64, func() float64 { return 25 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const seconds = 60
			consumed := simulate(test.rate, test.workers, seconds*time.Second, 5*time.Millisecond, test.cost)
			sum := 0.0
			for _, c := range consumed {
				sum += c
			}
			if average := sum / seconds; average < 0.98*test.rate || average > 1.02*test.rate {
				t.Errorf("%.1f units a second on average, want %.1f", average, test.rate)
			}
			for second, c := range consumed[1:] {
				if c > 1.5*test.rate+float64(test.workers) {
					t.Errorf("%.1f units in second %d, want about %.1f", c, second+1, test.rate)
				}
			}
		})
	}
}

// After a pause there is no burst.
func TestBucketAfterAPause(t *testing.T) {
	t.Parallel()
	start := time.Unix(0, 0)
	bucket := pace.NewBucket(1000, start)
	now := start.Add(time.Hour)
	free := 0
	for {
		charge, wait := bucket.Reserve(now, 0.5)
		if wait > 0 {
			break
		}
		bucket.Settle(charge, 1)
		free++
	}
	if free > 110 {
		t.Errorf("%d units at once after a pause, want about 100", free)
	}
}

// What is known of the cost counts from the first request on.
func TestBucketChargesWhatIsKnown(t *testing.T) {
	t.Parallel()
	start := time.Unix(0, 0)
	bucket := pace.NewBucket(100, start)
	for i := range 4 {
		charge, wait := bucket.Reserve(start, 25)
		if want := time.Duration(i+1) * 250 * time.Millisecond; charge != 25 || wait != want {
			t.Errorf("request %d is charged with %v and waits %v, want 25 and %v", i, charge, wait, want)
		}
	}
}
