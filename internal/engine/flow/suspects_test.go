// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// picky is a sink that refuses the items of some numbers, as DynamoDB refuses them: for a fault of theirs, or with nothing found wrong.
type picky struct {
	refuses func(number int) (refused bool, fault error)

	mu      sync.Mutex
	batches int
}

var errAnswer = errors.New("refused")

func (s *picky) Limits() (items, bytes int) { return 5, 1 << 20 }

func (s *picky) Write(_ context.Context, items [][]byte, outcomes []store.Outcome) (receipt store.Receipt, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches++
	for i, raw := range items {
		_, text, _ := strings.Cut(string(raw), "/")
		number, err := strconv.Atoi(text)
		if err != nil {
			return receipt, err
		}
		outcomes[i] = store.Written
		if refused, fault := s.refuses(number); refused {
			outcomes[i] = store.Failed
			receipt.Refused = append(receipt.Refused, store.Refusal{Index: i, Err: &store.RefusedError{Fault: fault, Err: errAnswer}})
		}
	}
	return receipt, nil
}

func (s *picky) Close(bool) error { return nil }

// Items with which nothing is found wrong are only set aside if the destination takes others. If it takes none, the run ends, soon, and
// no item is settled, so that the next attempt writes all of them.
func TestSuspects(t *testing.T) {
	t.Parallel()
	const parts, perPart = 4, 100
	fault := errors.New("it is empty")
	offered := 0 // Under the sink's lock.
	for name, test := range map[string]struct {
		refuses func(number int) (bool, error)
		perPart int
		failed  int64
		all     bool
		writers int
	}{
		"none":                      {func(int) (bool, error) { return false, nil }, perPart, 0, false, 3},
		"all":                       {func(int) (bool, error) { return true, nil }, perPart, 0, true, 3},
		"all of a few":              {func(int) (bool, error) { return true, nil }, 1, 0, true, 3},
		"all, for what is in them":  {func(int) (bool, error) { return true, fault }, perPart, parts * perPart, false, 3},
		"some":                      {func(n int) (bool, error) { return n%5 == 0, nil }, perPart, parts * perPart / 5, false, 3},
		"the first, for themselves": {func(n int) (bool, error) { return n < 50, fault }, perPart, parts * 50, false, 3},
		"the last ones":             {func(n int) (bool, error) { return n >= 97, nil }, perPart, parts * 3, false, 3},
		"all from a place on":       {func(int) (bool, error) { offered++; return offered > 200, nil }, perPart, 0, true, 1}, // Of several, one may be answered late.
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := &picky{refuses: test.refuses}
			told := map[string]int{}
			var mu sync.Mutex
			run := &flow.Run{
				Source: &numbers{parts: parts, perPart: test.perPart}, Sink: sink, Segments: parts, Readers: 2, Writers: test.writers, Pages: 32,
				Refused: func(item []byte, err error) error {
					mu.Lock()
					defer mu.Unlock()
					if told[string(item)]++; !errors.Is(err, errAnswer) {
						t.Errorf("item %s is refused for %v", item, err)
					}
					return nil
				},
			}
			err := run.Do(t.Context())
			var all *flow.RefusesAllError
			if errors.As(err, &all) != test.all || (err != nil) != test.all {
				t.Fatalf("Do = %v", err)
			}
			ledger, kept := run.Ledger(), run.Checkpoint().Ledger
			if test.all {
				if !errors.Is(err, errAnswer) || all.Items == 0 || len(told) != 0 || ledger.Failed != 0 || kept.Failed != 0 || kept.Scanned > ledger.Written {
					t.Errorf("%v; %d items were set aside, the ledgers are %+v and %+v", err, len(told), ledger, kept)
				}
				if sink.batches > 100 {
					t.Errorf("that took %d batches", sink.batches)
				}
				return
			}
			if ledger.Failed != test.failed || int64(len(told)) != test.failed || ledger.Written+ledger.Failed != parts*perPart || kept != ledger {
				t.Errorf("%d items were set aside, want %d; the ledgers are %+v and %+v", len(told), test.failed, ledger, kept)
			}
			for item, times := range told {
				if times != 1 {
					t.Errorf("item %s was set aside %d times", item, times)
				}
			}
		})
	}
}
