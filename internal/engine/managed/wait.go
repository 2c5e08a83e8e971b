// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package managed has AWS do the work of a copy: it starts long operations of DynamoDB, each of them once, and waits
// for them.
package managed

import (
	"context"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// The pause between two polls of an operation grows from firstPause to maxPause. Operations take minutes at least.
// The watch command considers a run dead that has been silent for 15 s, so polls must come more often.
const (
	firstPause = time.Second
	maxPause   = 10 * time.Second
)

// maxFailedPolls is how many polls in a row may fail with errors that pass, which is about two minutes.
const maxFailedPolls = 15

// maxMissedPolls is how many polls in a row may not find what was just requested: DynamoDB answers them from copies
// that may be behind ("DescribeTable" in the Amazon DynamoDB API Reference).
const maxMissedPolls = 3

// Sleep waits, or returns the context's error.
type Sleep func(ctx context.Context, d time.Duration) error

// wait calls poll until it is done, with growing pauses in between. Errors that pass do not end it.
func (s Sleep) wait(ctx context.Context, poll func() (done bool, err error)) error {
	failures := 0
	for pause := firstPause; ; pause = min(maxPause, pause*3/2) {
		done, err := poll()
		switch {
		case err == nil && done:
			return nil
		case err == nil:
			failures = 0
		case failures == maxFailedPolls || !awserr.Passes(err):
			return err
		default:
			failures++
		}
		if err := s(ctx, pause); err != nil {
			return err
		}
	}
}

// waitFor is wait for something that poll may report as missing. If it stays missing, the error is that of gone.
func (s Sleep) waitFor(ctx context.Context, poll func() (done, missing bool, err error), gone func() error) error {
	misses := 0
	return s.wait(ctx, func() (bool, error) {
		done, missing, err := poll()
		switch {
		case !missing:
			misses = 0
		case misses == maxMissedPolls:
			return false, gone()
		default:
			misses++
		}
		return done, err
	})
}

// start calls the operation again for as long as AWS refuses it because of a limit or a state that passes.
func (s Sleep) start(ctx context.Context, operation func() error) error {
	unavailable := 0
	return s.wait(ctx, func() (bool, error) {
		err := operation()
		switch code := awserr.Code(err); {
		case busy[code]:
			return false, nil
		case code == "PointInTimeRecoveryUnavailableException" && unavailable < maxUnavailable:
			unavailable++
			return false, nil
		}
		return err == nil, err
	})
}

// maxUnavailable is how many times AWS may refuse an operation because point-in-time recovery is not available, which
// is about ten minutes. An earlier check has found it enabled, but it may have been enabled just before. If it has
// been disabled since, it stays unavailable.
const maxUnavailable = 60

// busy are the codes by which DynamoDB refuses what it will do later: as many operations as the limit allows are
// running, the table is being changed, or its backups are being enabled.
var busy = map[string]bool{
	"BackupInUseException": true, "ContinuousBackupsUnavailableException": true, "LimitExceededException": true,
	"ResourceInUseException": true, "TableInUseException": true,
}
