// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// simulate has that many workers send requests for that long, and returns the units consumed in each second.
func simulate(rate float64, workers int, length time.Duration, cost func() float64) []float64 {
	bucket := pace.NewBucket(rate, epoch)
	seconds := make([]float64, int(length.Seconds()))
	one := sender{bucket: bucket, workers: workers, answered: func(now time.Time, charge pace.Charge) time.Duration {
		consumed := cost()
		if second := int(now.Sub(epoch).Seconds()); second < len(seconds) {
			seconds[second] += consumed
		}
		bucket.Settle(charge, consumed)
		return 0
	}}
	simulation{senders: []sender{one}, latency: 5 * time.Millisecond, least: 0.5}.run(length)
	return seconds
}

// Whatever requests cost, and however many are in flight, the average is the rate, over the whole run and in
// each second but the first.
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
			consumed := simulate(test.rate, test.workers, seconds*time.Second, test.cost)
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
	bucket := pace.NewBucket(1000, epoch)
	now := epoch.Add(time.Hour)
	free := 0
	for bucket.Wait(now, true) == 0 {
		bucket.Settle(bucket.Spend(0.5), 1)
		free++
	}
	if free > 110 {
		t.Errorf("%d units at once after a pause, want about 100", free)
	}
}

// The known cost counts from the first request on: the next one waits until it is paid for.
func TestBucketChargesWhatIsKnown(t *testing.T) {
	t.Parallel()
	now := epoch
	bucket := pace.NewBucket(500, now)
	for i := range 4 {
		if wait := bucket.Wait(now, true); wait > 0 {
			t.Fatalf("request %d waits %v", i, wait)
		}
		if charge := bucket.Spend(25); charge != 25 {
			t.Fatalf("request %d is charged with %v", i, charge)
		}
		if wait := bucket.Wait(now, true); wait != 50*time.Millisecond {
			t.Fatalf("the request after %d waits %v, want 50ms", i, wait)
		}
		now = now.Add(50 * time.Millisecond)
	}
}
