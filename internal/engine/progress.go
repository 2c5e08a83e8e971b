// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
)

// Observer is told how a run comes along.
type Observer struct {
	// Every is the time between two reports.
	Every time.Duration
	// Report is called from one goroutine, never after the run has returned.
	Report func(Status)
}

// Status is how far a run has come.
type Status struct {
	// Phase is what the run does, or waits for, in words; empty while it moves items itself.
	Phase     string
	Ledger    flow.Ledger
	Throttled int64
	Elapsed   time.Duration
	// ItemsPerSecond is the rate of settled items since the last report.
	ItemsPerSecond float64
	// EstimatedItems is about how many items the source holds, 0 if that is not known. DynamoDB counts every six hours.
	EstimatedItems int64
}

// Percent is how much of the source has been read, by the estimate; negative if there is none.
func (s Status) Percent() float64 {
	if s.EstimatedItems == 0 {
		return -1
	}
	return min(100, 100*float64(s.Ledger.Scanned+s.Ledger.Filtered)/float64(s.EstimatedItems))
}

// observe reports until the returned function is called. status gives the counts of the moment.
func (o Observer) observe(ctx context.Context, status func() Status) (stop func()) {
	if o.Report == nil {
		return func() {}
	}
	start := time.Now()
	last, settled := start, status().Ledger.Settled()
	return every(ctx, o.Every, func(now time.Time) {
		s := status()
		s.Elapsed = now.Sub(start)
		s.ItemsPerSecond = float64(s.Ledger.Settled()-settled) / now.Sub(last).Seconds()
		last, settled = now, s.Ledger.Settled()
		o.Report(s)
	})
}

// every calls do from one goroutine at that interval, until ctx ends or the function returned is called, which waits for
// the last call to return.
func every(ctx context.Context, interval time.Duration, do func(now time.Time)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-ticker.C:
				do(now)
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}
