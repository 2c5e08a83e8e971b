// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// leastSilence is how long a run that waits is silent in the journal at least.
const leastSilence = 3 * time.Second

// waiting is a run that waits for AWS most of the time. Its observer hears what for; its record says so too, and is saved during the
// waits, so that it can be seen that the run is going on.
type waiting struct {
	header   *journal.Header
	save     func(context.Context) error
	now      func() time.Time
	interval time.Duration
	phase    phase
	unsaved  bool // The phase.
	last     unsaved
}

// newWait begins a run whose record has the header, and is saved by the function.
func newWait(e *tables.Env, header *journal.Header, save func(context.Context) error) *waiting {
	return &waiting{header: header, save: save, now: e.Now, interval: max(leastSilence, e.Journal.SaveInterval())}
}

// at says what the run does from now on.
func (w *waiting) at(phase string) {
	w.unsaved = phase != w.header.Phase
	w.header.Phase = phase
	w.phase.set(phase)
}

// status is what an observer hears. There is nothing to count.
func (w *waiting) status() Status { return Status{Phase: w.phase.String()} }

// sleep waits for so long, or returns the context's error. A saving that fails is tried again in the next wait.
func (w *waiting) sleep(ctx context.Context, d time.Duration) error {
	if w.unsaved || w.now().Sub(w.header.UpdatedAt) >= w.interval {
		if err := w.progress(ctx); err != nil {
			return err
		}
		w.unsaved = false
	}
	return wire.Sleep(ctx, d)
}

// progress saves what the record says. A record that cannot be saved does not end the run.
func (w *waiting) progress(ctx context.Context) error { return w.last.note(w.save(ctx)) }

// phase is what a run does, in words. Its observer reads it from another goroutine.
type phase struct{ words atomic.Pointer[string] }

func (p *phase) set(words string) { p.words.Store(&words) }

func (p *phase) String() string { return optional.Value(p.words.Load()) }
