// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package flow moves items from a source to a sink and counts each of them.
//
//	readers ── pages ──> dispatcher ── batches ──> writers
//
// A few readers read pages of segments all over the source. The dispatcher fills batches from all open pages in
// turn: a Scan returns neighbours in hash order, and a batch of neighbours would hit a single partition of the
// destination. Writers hand batches to the sink until every item of theirs is settled. The number of pages in memory is
// fixed, so a slow sink holds the readers back.
package flow

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// Run is one movement of items from a source to a sink.
type Run struct {
	Source store.Source
	Sink   store.Sink
	// Segments is how many segments the source is read in.
	Segments int
	// Readers is how many requests read at once. Writers is how many write at first, and MostWriters how many may write if
	// that moves more items; 0 means no more than Writers.
	Readers, Writers, MostWriters int
	// ReadPace and WritePace limit the units consumed at each end; nil means no limit.
	ReadPace, WritePace *Pacer
	// PaceTable has WritePace count the units of the table alone, without those of its indexes.
	PaceTable bool
	// Pages is how many pages are held in memory at once.
	Pages int
	// Refused is called for each item that the source cannot deliver or the sink refuses for good, with its bytes, which
	// it must not keep, and the reason. Its error ends the run. If Refused is nil, the first such item ends the run.
	Refused func(item []byte, err error) error
	// Announcer records the items that are about to be written. It is nil if writing an item twice changes nothing.
	Announcer *Announcer
	// From is where an earlier run of the same source has come; nil begins at the beginning.
	From *Checkpoint

	book     book
	suspects suspects
}

// Ledger returns the counts so far. It may be called during the run.
func (r *Run) Ledger() Ledger { return r.book.read() }

// Checkpoint returns where a later run could resume. It may be called during the run and after it.
func (r *Run) Checkpoint() Checkpoint { return r.book.checkpoint() }

// Do moves every item of the source to the sink, or returns the first error. It does not close the sink. When it
// returns, nothing of the run is under way any more.
func (r *Run) Do(ctx context.Context) error {
	group, running := errgroup.WithContext(ctx)
	answers, end := wire.AwaitAnswers(running, answerWait)
	defer end()
	remaining := newSegments(r.Segments, r.Pages, r.From)
	r.book.begin(r.From)
	r.suspects.most = min(mostSuspects, max(1, r.Pages/2))
	d := newDispatcher(r.Readers, r.Pages, len(remaining.groups))
	// Goroutines that wait in the dispatcher must learn that the run ends.
	defer context.AfterFunc(running, d.stop)()
	for range r.Readers {
		group.Go(func() error {
			defer d.readerLeaves()
			return r.read(running, remaining, d)
		})
	}
	if r.Announcer != nil {
		group.Go(func() error {
			d.announce(func() { r.Announcer.Record(running) }, r.Announcer.Interval)
			return nil
		})
	}
	writers := newPool(r.Writers, max(r.Writers, r.MostWriters), func(writers *pool) {
		group.Go(func() error { return r.write(running, answers, remaining, d, writers) })
	})
	writers.add(r.Writers)
	err := group.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	guilty, err := r.suspects.rest()
	if err == nil {
		err = r.tellGuilty(guilty, func(*page) {})
	}
	if err != nil {
		return err
	}
	r.book.settleMissing()
	return r.Ledger().Balance()
}

// answerWait is how long an ending run waits for the answers to its writes, which tell what was done. DynamoDB answers
// within milliseconds.
const answerWait = 5 * time.Second

// leastReadUnits is what the smallest read costs. A write costs at least one unit for each item ("Read and write
// operations").
const leastReadUnits = 0.5

// read reads pages until every segment is done or being read by another reader.
func (r *Run) read(ctx context.Context, remaining *segments, d *dispatcher) error {
	for {
		page, err := d.free(ctx)
		if err != nil {
			return err
		}
		part, ok := remaining.take()
		if !ok {
			d.release(page)
			return nil
		}
		d.readBegins()
		charge, err := r.ReadPace.before(ctx, func() float64 { return leastReadUnits })
		if err != nil {
			return err
		}
		if err := r.Source.Read(ctx, store.Segment{Number: part.number, Total: r.Segments}, part.after, &page.Page); err != nil {
			return err
		}
		r.ReadPace.after(charge, page.Units, 0, 0)
		if err := r.tellUnfit(page.Refused); err != nil {
			return err
		}
		page.segment, page.group = part.number, remaining.groupOf(part.number)
		identities, err := r.Announcer.identities(&page.Page)
		if err != nil {
			return err
		}
		r.book.pageRead(part.number, page, identities)
		if len(page.Items) == 0 {
			remaining.settled(part.number)
		}
		if page.Next != nil {
			remaining.put(position{part.number, page.Next})
		}
		d.readEnds(page, r.Announcer != nil)
	}
}

// write hands batches to the sink until the dispatcher has no more, or the pool shrinks. Unprocessed items return to
// the dispatcher. What is under way when ctx ends is written in the context of the answers.
func (r *Run) write(ctx, answers context.Context, remaining *segments, d *dispatcher, writers *pool) error {
	giveBack := func(p *page) {
		remaining.settled(p.segment)
		d.release(p)
	}
	items, bytes := r.Sink.Limits()
	batch := newBatch(items, bytes)
	fill := func() float64 {
		d.fill(batch)
		return float64(len(batch.items)) // No item costs less than a unit.
	}
	for {
		charge, err := r.WritePace.before(ctx, fill)
		if err != nil || len(batch.items) == 0 {
			return err
		}
		receipt, err := r.Sink.Write(answers, batch.items, batch.outcomes)
		if errors.Is(err, store.ErrExists) && len(batch.items) == 1 {
			err = batch.at(0, err)
		}
		// The items are reported first: the page's memory is used again once its items are settled.
		err = errors.Join(err, r.tell(batch, receipt.Refused))
		sent, left := len(batch.items), 0
		if err == nil {
			left = d.settle(batch, pace.Throttled.Wait(1, rand.Float64())) // Before the book lets go of its pages.
		}
		r.book.batchWritten(batch, receipt, left, giveBack)
		if err == nil {
			err = r.weigh(batch, receipt.Refused, giveBack)
		}
		if err != nil {
			return err
		}
		batch.empty()
		units := receipt.Units
		if r.PaceTable {
			units = receipt.TableUnits
		}
		each := unitsEach(units, sent-left)
		r.WritePace.after(charge, units, each*float64(left), each*float64(receipt.Throttled*sent))
		if writers.answered(sent) {
			return nil
		}
	}
}

// unitsEach returns about how many units each item of a batch costs.
func unitsEach(units float64, taken int) float64 {
	if taken == 0 {
		return 1
	}
	return max(1, units/float64(taken))
}

// tellUnfit reports the items of a page that cannot be delivered. Reported items are settled with their page.
func (r *Run) tellUnfit(refused []store.Unfit) error {
	for _, unfit := range refused {
		if r.Refused == nil {
			return unfit.Err
		}
		if err := r.Refused(unfit.Item, unfit.Err); err != nil {
			return err
		}
	}
	return nil
}

// tell reports the items of the batch that were refused for good, and returns the first reason. If an item ends the
// run, it is not settled: the next attempt has to meet it again. Items without a known fault are not reported yet; they
// become Suspect.
func (r *Run) tell(batch *batch, refused []store.Refusal) (err error) {
	for _, refusal := range refused {
		reason := batch.at(refusal.Index, refusal.Err)
		switch {
		case r.Refused == nil:
		case unexplained(reason):
			batch.outcomes[refusal.Index] = store.Suspect
			continue
		default:
			reason = r.Refused(batch.items[refusal.Index], reason)
		}
		if reason != nil {
			batch.outcomes[refusal.Index] = store.Pending
			if err == nil {
				err = reason
			}
		}
	}
	return err
}

// weigh decides about Suspect items by what happened to the rest of the batch.
func (r *Run) weigh(batch *batch, refused []store.Refusal, release func(*page)) error {
	guilty, err := r.suspects.weigh(batch, refused)
	if err != nil {
		return err
	}
	return r.tellGuilty(guilty, release)
}

// unexplained reports whether an item without a known fault was refused.
func unexplained(err error) bool {
	refused, ok := errors.AsType[*store.RefusedError](err)
	return ok && refused.Fault == nil
}

// tellGuilty reports items that had been held back as refused for good, and settles them.
func (r *Run) tellGuilty(items []suspect, release func(*page)) error {
	for i, item := range items {
		if err := r.Refused(item.page.Items[item.place], item.err); err != nil {
			r.book.failed(items[:i], release)
			return err
		}
	}
	r.book.failed(items, release)
	return nil
}
