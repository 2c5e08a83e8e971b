// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package attempt

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// leastSilence is how long a run that waits is silent in the journal at least.
const leastSilence = 3 * time.Second

// Waiting is a run that waits for AWS most of the time. Its observer hears what for; its record says so too, and is
// saved during the waits, so that it can be seen that the run is going on.
type Waiting struct {
	header   *journal.Header
	save     func(context.Context) error
	Now      func() time.Time
	interval time.Duration
	phase    Phase
	unsaved  bool // The phase.
	Last     Unsaved
}

// NewWaiting begins a run whose record has the header, and is saved by the function.
func NewWaiting(e *tables.Env, header *journal.Header, save func(context.Context) error) *Waiting {
	return &Waiting{header: header, save: save, Now: e.Now, interval: max(leastSilence, e.Journal.SaveInterval())}
}

// At says what the run does from now on.
func (w *Waiting) At(phase string) {
	w.unsaved = phase != w.header.Phase
	w.header.Phase = phase
	w.phase.Set(phase)
}

// Status is what an observer hears. There is nothing to count.
func (w *Waiting) Status() Status { return Status{Phase: w.phase.String()} }

// Sleep waits for so long, or returns the context's error. A saving that fails is tried again in the next wait.
func (w *Waiting) Sleep(ctx context.Context, d time.Duration) error {
	if w.unsaved || w.Now().Sub(w.header.UpdatedAt) >= w.interval {
		if err := w.Progress(ctx); err != nil {
			return err
		}
		w.unsaved = false
	}
	return pause.Sleep(ctx, d)
}

// Progress saves what the record says. A record that cannot be saved does not end the run.
func (w *Waiting) Progress(ctx context.Context) error { return w.Last.Note(w.save(ctx)) }

// Phase is what a run does, in words. Its observer reads it from another goroutine.
type Phase struct{ words atomic.Pointer[string] }

func (p *Phase) Set(words string) { p.words.Store(&words) }

func (p *Phase) String() string { return optional.Value(p.words.Load()) }
