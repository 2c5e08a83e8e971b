// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package watch

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars shows each running job as a progress bar, with its rates, in a terminal.
type bars struct {
	progress *mpb.Progress
	byID     map[string]*bar
}

// bar is the bar of one job.
type bar struct {
	*mpb.Bar

	mu          sync.Mutex
	now, before job
}

func newBars(out io.Writer) display {
	return &bars{progress: mpb.New(mpb.WithOutput(out), mpb.WithAutoRefresh()), byID: map[string]*bar{}}
}

// show brings the bars up to date. A job that is no longer in the journal is complete.
func (b *bars) show(found []job) error {
	seen := map[string]bool{}
	for _, j := range found {
		seen[j.ID] = true
		shown := b.byID[j.ID]
		if shown == nil {
			if !j.Running {
				continue // Of an earlier apply.
			}
			shown = b.add(j)
			b.byID[j.ID] = shown
		}
		shown.set(j)
	}
	for id, shown := range b.byID {
		if !seen[id] {
			shown.SetTotal(shown.Current(), true)
			delete(b.byID, id)
		}
	}
	return nil
}

func (b *bars) add(j job) *bar {
	added := &bar{now: j, before: j}
	added.Bar = b.progress.AddBar(j.total(),
		mpb.PrependDecorators(decor.Name(j.title(), decor.WCSyncSpaceR), decor.Percentage(decor.WCSyncSpace)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return added.figures() })),
	)
	return added
}

// set takes over what the journal says now.
func (b *bar) set(j job) {
	b.mu.Lock()
	if j.UpdatedAt.After(b.now.UpdatedAt) {
		b.before, b.now = b.now, j
	}
	b.mu.Unlock()
	b.SetTotal(max(j.total(), j.done()+1), false) // The journal's record goes when the job is complete, not before.
	b.SetCurrent(j.done())
}

// figures are the rates between the last two records.
func (b *bar) figures() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return figures(b.before, b.now)
}

func figures(before, now job) string {
	if now.Phase != "" && now.done() == 0 {
		return now.Phase
	}
	seconds := now.UpdatedAt.Sub(before.UpdatedAt).Seconds()
	if seconds <= 0 {
		return ""
	}
	items := float64(now.done()-before.done()) / seconds
	text := fmt.Sprintf("%.0f items/s, %s read and %s write units/s, %d throttled", items,
		rate(now.ConsumedReadUnits-before.ConsumedReadUnits, seconds, now.ReadLimit),
		rate(now.ConsumedWriteUnits-before.ConsumedWriteUnits, seconds, now.WriteLimit), now.ThrottledRequests)
	if left := now.total() - now.done(); items > 0 && left > 0 {
		text += ", " + (time.Duration(float64(left)/items) * time.Second).String() + " left"
	}
	return text
}

// rate is units a second, of the limit if there is one.
func rate(units, seconds, limit float64) string {
	text := fmt.Sprintf("%.0f", units/seconds)
	if limit > 0 {
		text += fmt.Sprintf(" of %.0f", limit)
	}
	return text
}

// close leaves the bars as they stand.
func (b *bars) close() error {
	for _, shown := range b.byID {
		shown.Abort(false)
	}
	b.progress.Wait()
	return nil
}
