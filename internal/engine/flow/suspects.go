// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"fmt"
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// mostSuspects is how many items in a row may be refused without a known fault. Each holds its page, so it must be much
// less than the number of pages; several requests are under way when the first is refused.
const mostSuspects = 16

// RefusesAllError reports that the destination accepts no item, although the items have no known fault. So the fault
// lies elsewhere: set aside one by one, all of them would be missing from a run that calls itself complete.
type RefusesAllError struct {
	// Items is how many it refused.
	Items int
	// Err is the last refusal.
	Err error
}

func (e *RefusesAllError) Error() string {
	return fmt.Sprintf("%d items were refused, and none taken in between: %v", e.Items, e.Err)
}

func (e *RefusesAllError) Unwrap() error { return e.Err }

// suspects are the items that were refused without a known fault, until it is known where the fault is: in the items,
// if the destination accepts others, and elsewhere if it accepts none. They are not settled before, so that the next
// attempt meets them again.
type suspects struct {
	// most is how many items may be held.
	most int

	mu   sync.Mutex
	held []suspect
	// taken reports whether the destination has accepted an item in this run.
	taken bool
}

// suspect is one held item, and why it was refused.
type suspect struct {
	page  *page
	place int
	err   error
}

// weigh holds back the Suspect items of a batch, and returns those held before if the destination has accepted an item
// of the batch. The error is a *RefusesAllError.
func (s *suspects) weigh(b *batch, refused []store.Refusal) (guilty []suspect, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := false
	for _, outcome := range b.outcomes {
		taken = taken || outcome == store.Written || outcome == store.Skipped || outcome == store.SkippedDifferent
	}
	for _, refusal := range refused {
		if b.outcomes[refusal.Index] == store.Suspect {
			s.held = append(s.held, suspect{b.pages[refusal.Index], b.places[refusal.Index], b.at(refusal.Index, refusal.Err)})
		}
	}
	if taken {
		s.taken = true
		guilty, s.held = s.held, nil
		return guilty, nil
	}
	if len(s.held) >= s.most {
		return nil, s.error()
	}
	return nil, nil
}

// rest returns the held items when no more come, or a *RefusesAllError if none was accepted.
func (s *suspects) rest() ([]suspect, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.held) > 0 && !s.taken {
		return nil, s.error()
	}
	guilty := s.held
	s.held = nil
	return guilty, nil
}

func (s *suspects) error() error {
	return &RefusesAllError{len(s.held), s.held[len(s.held)-1].err}
}
