// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package attempt

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
)

// Observer is told how a run progresses.
type Observer struct {
	// Every is the time between two reports.
	Every time.Duration
	// Report is called from one goroutine, never after the run has returned.
	Report func(Status)
}

// Status is how far a run has come.
type Status struct {
	// Phase says in words what the run does or waits for. It is empty while the run moves items itself.
	Phase     string
	Ledger    flow.Ledger
	Throttled int64
	Elapsed   time.Duration
	// ItemsPerSecond is the rate of settled items since the last report.
	ItemsPerSecond float64
	// EstimatedItems is about how many items the source holds, 0 if that is not known. DynamoDB counts every six hours.
	EstimatedItems int64
}

// Percent returns how much of the source has been read, by the estimate. It is negative without an estimate.
func (s Status) Percent() float64 {
	if s.EstimatedItems == 0 {
		return -1
	}
	return min(100, 100*float64(s.Ledger.Scanned+s.Ledger.Filtered)/float64(s.EstimatedItems))
}

// Observe reports until the returned function is called. status returns the counts of the moment.
func (o Observer) Observe(ctx context.Context, status func() Status) (stop func()) {
	if o.Report == nil {
		return func() {}
	}
	start := time.Now()
	last, settled := start, status().Ledger.Settled()
	return Every(ctx, o.Every, func(now time.Time) {
		s := status()
		s.Elapsed = now.Sub(start)
		s.ItemsPerSecond = float64(s.Ledger.Settled()-settled) / now.Sub(last).Seconds()
		last, settled = now, s.Ledger.Settled()
		o.Report(s)
	})
}

// Every calls do at that interval from one goroutine, until ctx ends or the returned function is called. That function
// waits for the last call to return.
func Every(ctx context.Context, interval time.Duration, do func(now time.Time)) (stop func()) {
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

// Together returns a function that calls all of the functions.
func Together(all ...func()) func() {
	return func() {
		for _, one := range all {
			one()
		}
	}
}

// Counts puts a ledger into words. Done is the word for items that count as written, such as "deleted".
func Counts(ledger flow.Ledger, done string) string {
	least := ""
	if ledger.Unknown > 0 {
		least = "at least "
	}
	return fmt.Sprintf("%d items read, %d filtered out, %s%d %s, %d skipped; %.0f read units and %.0f write units "+
		"consumed",
		ledger.Scanned, ledger.Filtered, least, ledger.Written, done, ledger.Skipped, ledger.ReadUnits, ledger.WriteUnits)
}
