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
	named    map[string]bool // The records that cannot be read, and have been named.
}

// window is the time over which rates are taken: the units of a second are spent at its beginning, so that those of
// half a second vary.
const window = 5 * time.Second

// bar is the bar of one job.
type bar struct {
	*mpb.Bar

	mu      sync.Mutex
	records []job // Those within the window, and one before it, in order.
	ended   bool
}

func newBars(out io.Writer) display {
	return &bars{
		progress: mpb.New(mpb.WithOutput(out), mpb.WithAutoRefresh()),
		byID:     map[string]*bar{},
		named:    map[string]bool{},
	}
}

// show brings the bars up to date. A job that is no longer in the journal has ended, and its bar is not touched again.
func (b *bars) show(found []job) error {
	seen := map[string]bool{}
	for _, j := range found {
		if j.Error != "" {
			if err := b.name(j); err != nil {
				return err
			}
			continue
		}
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
			shown.end()
			delete(b.byID, id)
		}
	}
	return nil
}

// name prints, once and above the bars, that the record cannot be read.
func (b *bars) name(unreadable job) error {
	if b.named[unreadable.Name] {
		return nil
	}
	b.named[unreadable.Name] = true
	_, err := fmt.Fprintln(b.progress, unreadable.unreadable())
	return err
}

func (b *bars) add(j job) *bar {
	added := &bar{records: []job{j}}
	// A bar that is added with its total ends when that is reached, and has it for good. But the total is an estimate.
	added.Bar = b.progress.AddBar(0,
		mpb.PrependDecorators(decor.Name(j.title(), decor.WCSyncSpaceR), decor.Percentage(decor.WCSyncSpace)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return added.state() })),
		// On a line of its own, since 80 columns have no room for it and for a bar.
		mpb.BarExtender(mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
			text := "  " + added.rates()
			_, err := fmt.Fprintln(w, text[:min(len(text), s.AvailableWidth)])
			return err
		}), false),
	)
	return added
}

// set takes over what the journal says now.
func (b *bar) set(j job) {
	b.mu.Lock()
	last := len(b.records) - 1
	if j.UpdatedAt.After(b.records[last].UpdatedAt) {
		b.records = append(b.records, j)
		for len(b.records) > 2 && j.UpdatedAt.Sub(b.records[1].UpdatedAt) >= window {
			b.records = b.records[1:]
		}
	} else {
		b.records[last].Running = j.Running
	}
	b.mu.Unlock()
	b.SetTotal(max(j.total(), j.done()+1), false) // The journal's record goes when the job is complete, not before.
	b.SetCurrent(j.done())
}

// end fills the bar.
func (b *bar) end() {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	b.SetTotal(-1, true)
}

// state says how the job stands: what it does, or how long it will take at the speed of the last seconds.
func (b *bar) state() string {
	before, now, ended := b.lately()
	left := now.total() - now.done()
	switch seconds, items := now.UpdatedAt.Sub(before.UpdatedAt), now.done()-before.done(); {
	case ended:
		return "ended"
	case !now.Running:
		return "interrupted"
	case items > 0 && left > 0:
		return time.Duration(float64(seconds)*float64(left)/float64(items)).Round(time.Second).String() + " left"
	}
	return ""
}

// rates are those of the last seconds.
func (b *bar) rates() string {
	before, now, ended := b.lately()
	switch seconds := now.UpdatedAt.Sub(before.UpdatedAt).Seconds(); {
	case ended:
		return ""
	case !now.Running:
		return resumes
	case now.Phase != "" && now.done() == before.done():
		return now.Phase
	case seconds > 0:
		return fmt.Sprintf(
			"%.0f items/s, %s read and %s write units/s, %d throttled",
			float64(now.done()-before.done())/seconds,
			rate(now.ConsumedReadUnits-before.ConsumedReadUnits, seconds, now.ReadLimit),
			rate(now.ConsumedWriteUnits-before.ConsumedWriteUnits, seconds, now.WriteLimit),
			now.ThrottledRequests,
		)
	}
	return ""
}

// lately returns the records between which rates are taken, and whether the job has ended.
func (b *bar) lately() (before, now job, ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.records[0], b.records[len(b.records)-1], b.ended
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
