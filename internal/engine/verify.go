// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// verification is how a copy is verified.
type verification struct {
	how string
	// source opens once more what was copied, items what is at the destination now, keys no more of it than can be counted.
	source, items, keys open
	// parts is how many parts each side is read in.
	sourceParts, destinationParts int
	// key is the destination's, nil for a file.
	key []item.KeyAttribute
	// readUnits limits the units a second on each side.
	readUnits float64
	// empty says whether the destination holds nothing.
	empty func(context.Context) (bool, error)
	// back reads the destination; nil before the verification and after it.
	back atomic.Pointer[flow.Run]
}

// open opens a source.
type open func(context.Context) (store.Source, error)

// verification is what the job, which writes to the sink, asks for; nil for none.
func (r *readyCopy) verification(j job.Copy, sink store.Sink) *verification {
	if !j.Verifies() {
		return nil
	}
	v := &verification{
		how:         j.Verify,
		source:      func(ctx context.Context) (store.Source, error) { return r.openSource(ctx, j) },
		sourceParts: r.parts(), destinationParts: 1, key: r.destinationKey(), readUnits: r.limits.Read,
	}
	if r.destination == nil {
		v.items = func(context.Context) (store.Source, error) { return store.OpenJSONLines(j.Destination.File, nil) }
		if export, ok := sink.(*store.S3Sink); ok {
			v.items = func(ctx context.Context) (store.Source, error) { return export.Reopen(ctx) }
			v.destinationParts = store.S3Lanes
		}
		v.keys = v.items
		v.empty = func(context.Context) (bool, error) { return true, nil } // It is made anew.
		return v
	}
	v.destinationParts = r.destination.Segments()
	scan := func(keysOnly bool) open {
		return func(ctx context.Context) (store.Source, error) {
			// What has just been written is only sure to be found with strong consistency.
			return r.destination.NewScan(ctx, store.Scan{ConsistentRead: true, KeysOnly: keysOnly, PageUnits: r.limits.Read})
		}
	}
	v.items, v.keys = scan(false), scan(true)
	v.empty = r.destination.Empty
	return v
}

// transformed has the items of the source changed as those of the copy were.
func (v *verification) transformed(as *store.Transformed) {
	v.source = v.source.transformed(as)
}

// transformed opens the source with the transform of the other one behind it.
func (o open) transformed(as *store.Transformed) open {
	return func(ctx context.Context) (store.Source, error) {
		source, err := o(ctx)
		if err != nil {
			return nil, err
		}
		return as.Over(source), nil
	}
}

// level is how the copy is verified, for telling runs apart.
func (v *verification) level() string {
	if v == nil {
		return ""
	}
	return v.how
}

// phase says that the copy is being verified and how far that has come, empty while it is not.
func (v *verification) phase() string {
	if v == nil {
		return ""
	}
	back := v.back.Load()
	if back == nil {
		return ""
	}
	return fmt.Sprintf("verifying, %d items read back", back.Ledger().Scanned)
}

// completed is a copy that is to be verified.
type completed struct {
	ledger flow.Ledger
	// wasEmpty says that the destination held nothing before the run.
	wasEmpty bool
	// mayDiffer is how many items differ at the destination because they were there before, and were skipped.
	mayDiffer int64
	// deadLetters is the file of refused items, empty if there is none.
	deadLetters string
}

// do verifies the copy, and returns the read units consumed, those of the copy among them. The error is a *mismatchError if
// the destination does not hold what it should. The folder is made for the comparison, and removed.
func (v *verification) do(ctx context.Context, done completed, folder string) (units float64, err error) {
	defer v.back.Store(nil)
	if v.how == job.VerifyCount {
		there, err := v.read(ctx, compare.Found, v.destinationParts, v.keys, counter{})
		units = done.ledger.ReadUnits + there.ReadUnits
		if err != nil {
			return units, &readBackError{err}
		}
		return units, judgeCount(done, there.Scanned)
	}
	comparison, err := compare.New(folder, v.key)
	if err != nil {
		return done.ledger.ReadUnits, err
	}
	defer func() { err = errors.Join(err, comparison.Close()) }()
	var wanted, found flow.Ledger
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		wanted, err = v.digest(ctx, comparison, compare.Wanted, v.sourceParts, v.source)
		return err
	})
	both.Go(func() (err error) {
		if found, err = v.digest(ctx, comparison, compare.Found, v.destinationParts, v.items); err != nil {
			return &readBackError{err}
		}
		return nil
	})
	both.Go(func() error { return setAside(ctx, comparison, done.deadLetters) })
	err = both.Wait()
	units = done.ledger.ReadUnits + wanted.ReadUnits + found.ReadUnits
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
func (v *verification) digest(ctx context.Context, comparison *compare.Comparison, side compare.Side, parts int, from open) (flow.Ledger, error) {
	sink, err := comparison.Sink(side)
	if err != nil {
		return flow.Ledger{}, err
	}
	ledger, err := v.read(ctx, side, parts, from, sink)
	return ledger, errors.Join(err, sink.Close(true))
}

// setAside leaves the items out that DynamoDB refused. Those that a step cannot be done with are refused again as the source is read.
func setAside(ctx context.Context, comparison *compare.Comparison, letters string) error {
	if letters == "" {
		return nil
	}
	sink, err := comparison.Sink(compare.SetAside)
	if err != nil {
		return err
	}
	err = eachRefused(letters, func(item []byte) error {
		_, err := sink.Write(ctx, [][]byte{item}, make([]store.Outcome, 1))
		return err
	})
	return errors.Join(err, sink.Close(true))
}

// read has the sink see all items of one side.
func (v *verification) read(ctx context.Context, side compare.Side, parts int, from open, sink store.Sink) (flow.Ledger, error) {
	source, err := from(ctx)
	if err != nil {
		return flow.Ledger{}, err
	}
	reading := &flow.Run{
		Source: source, Sink: sink, Parts: parts, Readers: readers, Writers: runtime.GOMAXPROCS(0), Pages: pages, ReadPace: readPacer(v.readUnits),
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
