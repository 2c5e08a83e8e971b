// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package managed has AWS do the work of a copy: it starts long operations of DynamoDB, so that none is started twice, and waits for them.
package managed

import (
	"context"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// The pauses between two looks at an operation: the first, and the longest. Operations take minutes at least, and watchers
// of a run take one that has been silent for 15 s for dead.
const (
	firstPause = time.Second
	mostPause  = 10 * time.Second
)

// patience is how many looks in a row may fail in ways that pass, which is about two minutes.
const patience = 15

// absences is how many looks in a row may not find what was just asked for: DynamoDB answers them from copies that may be behind
// ("DescribeTable" in the Amazon DynamoDB API Reference).
const absences = 3

// Sleep waits, or returns the context's error.
type Sleep func(ctx context.Context, d time.Duration) error

// wait calls look until it says that there is nothing to wait for, with growing pauses between. Failures that pass do not end it.
func (s Sleep) wait(ctx context.Context, look func() (done bool, err error)) error {
	failures := 0
	for pause := firstPause; ; pause = min(mostPause, pause*3/2) {
		done, err := look()
		switch {
		case err == nil && done:
			return nil
		case err == nil:
			failures = 0
		case failures == patience || !awserr.Passes(err):
			return err
		default:
			failures++
		}
		if err := s(ctx, pause); err != nil {
			return err
		}
	}
}

// waitFor is wait for something that look says is missing. It is gone if it stays missing, which is the error of gone.
func (s Sleep) waitFor(ctx context.Context, look func() (done, missing bool, err error), gone func() error) error {
	misses := 0
	return s.wait(ctx, func() (bool, error) {
		done, missing, err := look()
		switch {
		case !missing:
			misses = 0
		case misses == absences:
			return false, gone()
		default:
			misses++
		}
		return done, err
	})
}

// start calls the operation until it is neither refused by a limit nor because of a state that passes.
func (s Sleep) start(ctx context.Context, operation func() error) error {
	unavailable := 0
	return s.wait(ctx, func() (bool, error) {
		err := operation()
		switch code := awserr.Code(err); {
		case busy[code]:
			return false, nil
		case code == "PointInTimeRecoveryUnavailableException" && unavailable < enabling:
			unavailable++
			return false, nil
		}
		return err == nil, err
	})
}

// enabling is how often an operation may be refused for want of point-in-time recovery, which is about ten minutes: it is on, as was
// looked up before, but may just have been turned on. Turned off since, it stays unavailable.
const enabling = 60

// busy are the codes by which DynamoDB refuses what it will do later: as many operations as may be are under way, the table is
// being changed, or its backups are being turned on.
var busy = map[string]bool{
	"BackupInUseException": true, "ContinuousBackupsUnavailableException": true, "LimitExceededException": true, "ResourceInUseException": true, "TableInUseException": true,
}
