// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow_test

import (
	"context"
	"errors"
	"hash/crc32"
	"sync/atomic"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// sieve drops some items of a source and cannot hand on others; which, is told by the item. Of every third part it drops all.
type sieve struct{ *numbers }

var errUnfit = errors.New("unfit")

func (s sieve) Read(ctx context.Context, part store.Segment, after []byte, page *store.Page) error {
	page.Dropped, page.Refused = 0, page.Refused[:0]
	if err := s.numbers.Read(ctx, part, after, page); err != nil {
		return err
	}
	kept := page.Items[:0]
	for _, raw := range page.Items {
		switch sum := crc32.ChecksumIEEE(raw) % 10; {
		case part.Number%3 == 0 || sum < 3:
			page.Dropped++
		case sum == 3:
			page.Refused = append(page.Refused, store.Unfit{Item: raw, Err: errUnfit})
		default:
			kept = append(kept, raw)
		}
	}
	page.Items = kept
	return nil
}

// Items that a source drops or cannot hand on are counted once, also in a run that breaks and goes on, and one whose items are
// all dropped ends.
func TestRunLeavesItemsOut(t *testing.T) {
	t.Parallel()
	source := sieve{&numbers{parts: 30, perPart: 200}}
	sink := &tally{moody: newMoody(1, 25, 1000)}
	var told atomic.Int64
	var from *flow.Checkpoint
	breaks := 0
	for {
		run := flow.Run{Source: source, Sink: sink, Segments: source.parts, Readers: 4, Writers: 4, Pages: 6, From: from, Refused: func(_ []byte, err error) error {
			if !errors.Is(err, errUnfit) {
				t.Errorf("refused for %v", err)
			}
			told.Add(1)
			return nil
		}}
		sink.left.Store(20)
		err := run.Do(t.Context())
		checkpoint := run.Checkpoint()
		if balance := checkpoint.Ledger.Balance(); balance != nil {
			t.Fatal(balance)
		}
		from = &checkpoint
		if err == nil {
			break
		}
		if !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
		if breaks++; breaks > 1000 {
			t.Fatal("the run gets nowhere")
		}
	}
	got := from.Ledger
	passed := int64(len(sink.taken))
	if breaks == 0 || got.Scanned != 6000 || got.Dropped < 2000 || got.Failed == 0 || got.Written+got.Skipped != passed || got.Dropped+got.Failed+passed != 6000 {
		t.Errorf("the ledger is %+v; the sink took %d; %d breaks", got, passed, breaks)
	}
	if told.Load() < got.Failed {
		t.Errorf("told of %d items, and %d failed", told.Load(), got.Failed)
	}

	run := flow.Run{Source: source, Sink: newMoody(1, 25, 1000), Segments: source.parts, Readers: 4, Writers: 4, Pages: 6}
	if err := run.Do(t.Context()); !errors.Is(err, errUnfit) {
		t.Errorf("Do = %v, want the reason for which an item cannot be handed on", err)
	}
	if failed := run.Checkpoint().Ledger.Failed; failed != 0 {
		t.Errorf("the checkpoint is behind %d items that the next attempt has to meet again", failed)
	}
	all := flow.Run{Source: sieve{&numbers{parts: 1, perPart: 500}}, Sink: newMoody(1, 25, 1000), Segments: 1, Readers: 2, Writers: 2, Pages: 1}
	if err := all.Do(t.Context()); err != nil || all.Ledger().Dropped != 500 {
		t.Errorf("Do = %v, with the ledger %+v", err, all.Ledger())
	}
}
