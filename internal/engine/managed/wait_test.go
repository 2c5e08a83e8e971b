// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/smithy-go"
)

var (
	errPasses = &smithy.GenericAPIError{Code: "ThrottlingException", Message: "slow down"}
	errDenied = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
)

// counting returns a Sleep that only counts.
func counting(sleeps *int) Sleep {
	return func(context.Context, time.Duration) error {
		*sleeps++
		return nil
	}
}

// Pauses grow from a second to ten, and end with the context.
func TestPauses(t *testing.T) {
	t.Parallel()
	var pauses []time.Duration
	ended := errors.New("the context has ended")
	s := Sleep(func(_ context.Context, d time.Duration) error {
		if pauses = append(pauses, d); len(pauses) == 8 {
			return ended
		}
		return nil
	})
	if err := s.wait(t.Context(), func() (bool, error) { return false, nil }); !errors.Is(err, ended) {
		t.Errorf("the error is %v", err)
	}
	if pauses[0] != time.Second || pauses[1] != 1500*time.Millisecond || pauses[7] != 10*time.Second {
		t.Errorf("the pauses are %v", pauses)
	}
}

// Errors that pass end a wait only if there are too many in a row; any other error ends it at once.
func TestFailedPolls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		poll  func(n int) (bool, error) // The outcome of the nth poll, from 1.
		polls int
		err   error
	}{
		"done at once": {poll: func(int) (bool, error) { return true, nil }, polls: 1},
		"always fails": {
			poll: func(int) (bool, error) { return false, errPasses }, polls: maxFailedPolls + 1, err: errPasses,
		},
		"denied": {poll: func(int) (bool, error) { return false, errDenied }, polls: 1, err: errDenied},
		"fails with breaks": {polls: 100, poll: func(n int) (bool, error) {
			if n%maxFailedPolls == 0 {
				return false, nil
			}
			if n == 100 {
				return true, nil
			}
			return false, errPasses
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sleeps, polls := 0, 0
			err := counting(&sleeps).wait(t.Context(), func() (bool, error) {
				polls++
				return test.poll(polls)
			})
			if !errors.Is(err, test.err) || polls != test.polls || sleeps != polls-1 {
				t.Errorf("%d polls, %d sleeps, %v; want %d polls, %v", polls, sleeps, err, test.polls, test.err)
			}
		})
	}
}

// What was just requested may be missing for some polls. If it stays missing, it is gone.
func TestMissedPolls(t *testing.T) {
	t.Parallel()
	errGone := errors.New("gone")
	for misses, want := range map[int]error{0: nil, maxMissedPolls: nil, maxMissedPolls + 1: errGone} {
		sleeps, polls := 0, 0
		err := counting(&sleeps).waitFor(t.Context(), func() (done, missing bool, err error) {
			polls++
			return polls > misses, polls <= misses, nil
		}, func() error { return errGone })
		if !errors.Is(err, want) {
			t.Errorf("missing %d times: %v, want %v", misses, err, want)
		}
	}
}

// A refusal that passes is waited out. If point-in-time recovery stays unavailable, the wait ends.
func TestStart(t *testing.T) {
	t.Parallel()
	for code, test := range map[string]struct {
		refusals int // How many times the operation is refused.
		calls    int
		refused  bool
	}{
		"LimitExceededException":                  {refusals: 200, calls: 201},
		"PointInTimeRecoveryUnavailableException": {refusals: maxUnavailable, calls: maxUnavailable + 1},
		"ValidationException":                     {refusals: 1, calls: 1, refused: true},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			sleeps, calls := 0, 0
			err := counting(&sleeps).start(t.Context(), func() error {
				if calls++; calls <= test.refusals {
					return &smithy.GenericAPIError{Code: code, Message: "no"}
				}
				return nil
			})
			if (err != nil) != test.refused || calls != test.calls {
				t.Errorf("%d calls, %v; want %d", calls, err, test.calls)
			}
		})
	}
	sleeps, calls := 0, 0
	err := counting(&sleeps).start(t.Context(), func() error {
		calls++
		return &smithy.GenericAPIError{Code: "PointInTimeRecoveryUnavailableException", Message: "no"}
	})
	if err == nil || calls != maxUnavailable+1 {
		t.Errorf("recovery that stays unavailable: %d calls, %v", calls, err)
	}
}
