// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/deadletters"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Verification is how a copy is verified.
type Verification struct {
	How string
	// Source opens once more what was copied. Items opens what is at the destination now, and Keys only as much of that as
	// counting needs.
	Source, Items, Keys Opener
	// SourceSegments and DestinationSegments are how many segments each side is read in.
	SourceSegments, DestinationSegments int
	// Key is the destination's, nil for a file.
	Key []item.KeyAttribute
	// ReadUnits limits the units a second on each side.
	ReadUnits float64
	// Empty reports whether the destination holds nothing.
	Empty func(context.Context) (bool, error)
	// back reads the destination; nil before the verification and after it.
	back atomic.Pointer[flow.Run]
}

// Opener opens a source.
type Opener func(context.Context) (store.Source, error)

// Transformed has the items of the source changed as those of the copy were.
func (v *Verification) Transformed(as *store.Transformed) {
	v.Source = v.Source.transformed(as)
}

// transformed opens the source with the transform of the other one behind it.
func (o Opener) transformed(as *store.Transformed) Opener {
	return func(ctx context.Context) (store.Source, error) {
		source, err := o(ctx)
		if err != nil {
			return nil, err
		}
		return as.Over(source), nil
	}
}

// Level is how the copy is verified, for telling runs apart.
func (v *Verification) Level() string {
	if v == nil {
		return ""
	}
	return v.How
}

// Phase says that the copy is being verified and how far that has come, empty while it is not.
func (v *Verification) Phase() string {
	if v == nil {
		return ""
	}
	back := v.back.Load()
	if back == nil {
		return ""
	}
	return fmt.Sprintf("verifying, %d items read back", back.Ledger().Scanned)
}

// Completed is a copy that is to be verified.
type Completed struct {
	Ledger flow.Ledger
	// WasEmpty reports whether the destination held nothing before the run.
	WasEmpty bool
	// MayDiffer is how many items differ at the destination because they were there before, and were skipped.
	MayDiffer int64
	// DeadLetters is the file of refused items, empty if there is none.
	DeadLetters string
}

// Do verifies the copy, and returns the read units consumed, those of the copy among them. The error is a
// *MismatchError if the destination does not hold what it should. The folder is made for the comparison, and removed.
func (v *Verification) Do(ctx context.Context, done Completed, folder string) (units float64, err error) {
	defer v.back.Store(nil)
	if v.How == job.VerifyCount {
		there, err := v.read(ctx, compare.Found, v.DestinationSegments, v.Keys, counter{})
		units = done.Ledger.ReadUnits + there.ReadUnits
		if err != nil {
			return units, &ReadBackError{Err: err}
		}
		return units, judgeCount(done, there.Scanned)
	}
	comparison, err := compare.New(folder, v.Key)
	if err != nil {
		return done.Ledger.ReadUnits, err
	}
	defer func() { err = errors.Join(err, comparison.Close()) }()
	var wanted, found flow.Ledger
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		wanted, err = v.digest(ctx, comparison, compare.Wanted, v.SourceSegments, v.Source)
		return err
	})
	both.Go(func() (err error) {
		if found, err = v.digest(ctx, comparison, compare.Found, v.DestinationSegments, v.Items); err != nil {
			return &ReadBackError{Err: err}
		}
		return nil
	})
	both.Go(func() error { return setAside(ctx, comparison, done.DeadLetters) })
	err = both.Wait()
	units = done.Ledger.ReadUnits + wanted.ReadUnits + found.ReadUnits
	if err != nil {
		return units, err
	}
	difference, err := comparison.Difference()
	if err != nil {
		return units, err
	}
	return units, judgeDifference(done, wanted.Scanned-wanted.Dropped-wanted.Failed, difference)
}

// digest reads the source into one side of the comparison.
func (v *Verification) digest(
	ctx context.Context,
	comparison *compare.Comparison,
	side compare.Side,
	parts int,
	from Opener,
) (flow.Ledger, error) {
	sink, err := comparison.Sink(side)
	if err != nil {
		return flow.Ledger{}, err
	}
	ledger, err := v.read(ctx, side, parts, from, sink)
	return ledger, errors.Join(err, sink.Close(true))
}

// setAside leaves the items out that DynamoDB refused. Those that a step cannot be done with are refused again as the
// source is read.
func setAside(ctx context.Context, comparison *compare.Comparison, letters string) error {
	if letters == "" {
		return nil
	}
	sink, err := comparison.Sink(compare.SetAside)
	if err != nil {
		return err
	}
	err = deadletters.EachRefused(letters, func(item []byte) error {
		_, err := sink.Write(ctx, [][]byte{item}, make([]store.Outcome, 1))
		return err
	})
	return errors.Join(err, sink.Close(true))
}

// read has the sink see all items of one side.
func (v *Verification) read(
	ctx context.Context,
	side compare.Side,
	parts int,
	from Opener,
	sink store.Sink,
) (flow.Ledger, error) {
	source, err := from(ctx)
	if err != nil {
		return flow.Ledger{}, err
	}
	reading := &flow.Run{
		Source: source, Sink: sink, Segments: parts, Readers: flow.Readers, Writers: runtime.GOMAXPROCS(0), Pages: flow.Pages,
		ReadPace: flow.ReadPacer(v.ReadUnits),
		// What cannot be at the destination was refused when it was to be written, and has been told of.
		Refused: func([]byte, error) error { return nil },
	}
	if side == compare.Found {
		v.back.Store(reading)
	}
	err = reading.Do(ctx)
	return reading.Ledger(), errors.Join(err, source.Close())
}

// counter is a sink for items that are but to be counted.
type counter struct{}

func (counter) Limits() (items, bytes int) { return 1000, 1 << 20 }

func (counter) Write(_ context.Context, _ [][]byte, outcomes []store.Outcome) (store.Receipt, error) {
	for i := range outcomes {
		outcomes[i] = store.Written
	}
	return store.Receipt{}, nil
}

func (counter) Close(bool) error { return nil }
