// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// numbers is a source whose items are the numbers of each part, in pages of random length, some of them empty.
type numbers struct {
	parts, perPart int
	drops          int   // How many of ten items it leaves out.
	fail           error // What the last page of part 0 ends in.
	open, most     atomic.Int64
}

func (s *numbers) Definition() []byte { return nil }

func (s *numbers) Read(_ context.Context, part store.Segment, after []byte, page *store.Page) error {
	s.most.Store(max(s.most.Load(), s.open.Add(1)))
	defer s.open.Add(-1)
	start := 0
	if after != nil {
		start, _ = strconv.Atoi(string(after))
	}
	end := min(s.perPart, start+rand.IntN(50))
	page.Items, page.Next, page.Filtered, page.Dropped, page.Units = page.Items[:0], nil, 1, 0, 0.5
	for i := start; i < end; i++ {
		if i%10 < s.drops {
			page.Dropped++
			continue
		}
		page.Items = append(page.Items, fmt.Appendf(nil, "%d/%d", part.Number, i))
	}
	if end < s.perPart {
		page.Next = strconv.AppendInt(nil, int64(end), 10)
	} else if part.Number == 0 && s.fail != nil {
		return s.fail
	}
	return nil
}

// dropped is how many items it leaves out of all parts.
func (s *numbers) dropped() (dropped int64) {
	for i := range s.perPart {
		if i%10 < s.drops {
			dropped += int64(s.parts)
		}
	}
	return dropped
}

func (s *numbers) Close() error { return nil }

// moody is a sink that takes each item of a batch, sends it back, or skips it, at random.
type moody struct {
	items, bytes int
	before       func(ctx context.Context) error

	mu       sync.Mutex
	rand     *rand.Rand
	taken    map[string]store.Outcome
	largest  int
	sentBack int64
}

func (s *moody) Limits() (items, bytes int) { return s.items, s.bytes }

func (s *moody) Write(ctx context.Context, items [][]byte, outcomes []store.Outcome) (store.Receipt, error) {
	if s.before != nil {
		if err := s.before(ctx); err != nil {
			return store.Receipt{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.largest = max(s.largest, len(items))
	var receipt store.Receipt
	back := false
	for i, raw := range items {
		switch n := s.rand.IntN(100); {
		case n < 3:
			back = true
			continue
		case n < 10:
			outcomes[i] = store.Skipped
		default:
			outcomes[i] = store.Written
			receipt.Units++
		}
		if _, twice := s.taken[string(raw)]; twice {
			return receipt, fmt.Errorf("item %s came twice", raw)
		}
		s.taken[string(raw)] = outcomes[i]
	}
	if back {
		s.sentBack++
	}
	return receipt, nil
}

func (s *moody) Close(bool) error { return nil }

func newMoody(seed uint64, items, bytes int) *moody {
	return &moody{items: items, bytes: bytes, rand: rand.New(rand.NewPCG(seed, 1)), taken: map[string]store.Outcome{}}
}

// Whatever the sink sends back or skips, every item is handed over until it is settled, once, and the ledger says so.
func TestRunSettlesEveryItemOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 2))
			source := &numbers{parts: 1 + random.IntN(30), perPart: random.IntN(100), drops: random.IntN(11)}
			sink := newMoody(seed, 1+random.IntN(25), 8+random.IntN(300))
			run := flow.Run{Source: source, Sink: sink, Segments: source.parts, Readers: 1 + random.IntN(8), Writers: 1 + random.IntN(16), Pages: 1 + random.IntN(12)}
			if err := run.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
			var want flow.Ledger
			for _, outcome := range sink.taken {
				if outcome == store.Written {
					want.Written++
				} else {
					want.Skipped++
				}
			}
			got := run.Ledger()
			all, dropped := int64(source.parts*source.perPart), source.dropped()
			if got.Scanned != all || got.Settled() != all || got.Dropped != dropped || int64(len(sink.taken)) != all-dropped {
				t.Errorf("%d items, %d dropped: the ledger is %+v; the sink took %d", all, dropped, got, len(sink.taken))
			}
			if got.Written != want.Written || got.Skipped != want.Skipped || got.Unprocessed != sink.sentBack || got.WriteUnits != float64(want.Written) {
				t.Errorf("the ledger is %+v; the sink took %+v and sent back %d times", got, want, sink.sentBack)
			}
			if got.Filtered == 0 || got.ReadUnits != float64(got.Filtered)/2 {
				t.Errorf("%d filtered and %v read units do not fit each other", got.Filtered, got.ReadUnits)
			}
			if sink.largest > sink.items || source.most.Load() > int64(run.Readers) {
				t.Errorf("a batch of %d, at most %d; %d reads at once, at most %d", sink.largest, sink.items, source.most.Load(), run.Readers)
			}
		})
	}
}

func TestRunStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, run := range map[string]*flow.Run{
		"source": {Source: &numbers{parts: 8, perPart: 500, fail: broken}, Sink: newMoody(1, 25, 1000)},
		"sink":   {Source: &numbers{parts: 8, perPart: 500}, Sink: &moody{items: 25, bytes: 1000, before: func(context.Context) error { return broken }}},
	} {
		run.Segments, run.Readers, run.Writers, run.Pages = 8, 4, 8, 6
		if err := run.Do(t.Context()); !errors.Is(err, broken) {
			t.Errorf("error of the %s: Do = %v", name, err)
		}
	}
}

// A cancelled run ends with the cause, whether its writers wait for the sink or for items.
func TestRunIsCancelled(t *testing.T) {
	t.Parallel()
	cause := errors.New("asked to stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	sink := newMoody(1, 25, 1000)
	sink.before = func(ctx context.Context) error {
		cancel(cause)
		<-ctx.Done()
		return context.Cause(ctx)
	}
	run := flow.Run{Source: &numbers{parts: 4, perPart: 1000}, Sink: sink, Segments: 4, Readers: 4, Writers: 8, Pages: 6}
	if err := run.Do(ctx); !errors.Is(err, cause) {
		t.Errorf("Do = %v, want the cause", err)
	}
	if run.Ledger().Written != 0 {
		t.Errorf("%d items count as written, the sink took none", run.Ledger().Written)
	}
}

func TestBalance(t *testing.T) {
	t.Parallel()
	if err := (flow.Ledger{Scanned: 10, Dropped: 1, Written: 6, Skipped: 2, Failed: 1, Filtered: 5}).Balance(); err != nil {
		t.Error(err)
	}
	if err := (flow.Ledger{Scanned: 10, Written: 9}).Balance(); err == nil {
		t.Error("a ledger that lacks an item balances")
	}
}
