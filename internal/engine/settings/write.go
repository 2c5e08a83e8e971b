// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// Writer puts settings on a table.
type Writer struct {
	Clients
	// Table is the table's name, From the table that the snapshot is of.
	Table string
	From  Identity
	// Dropped reports whether there was a table that was dropped and is now created again.
	Dropped bool
	// Sleep waits, or returns the context's error.
	Sleep func(ctx context.Context, d time.Duration) error

	// Given lists the settings that the table already has as wanted. PutBack and Look add to it. Nil is the same as an
	// empty list.
	Given *Given

	// Done is called with the name of each setting that PutBack has put. Its error ends PutBack. It may be nil.
	Done func(setting string) error

	// NotKept are the settings of the snapshot that PutBack has found a local server not to know.
	NotKept []string

	to     Identity // The table, as it was described last.
	missed int      // How many times it was not found.
}

// PutBack puts those settings of the snapshot that CreateTable does not take on an ACTIVE table, and returns their
// names. It leaves alone what is, or was, as wanted, so it may be called again after a failure halfway, and what
// others have added. If a setting cannot be put, the others are put all the same, except for deletion protection; the
// error joins those of all.
func (w *Writer) PutBack(ctx context.Context, s *Snapshot) ([]string, error) {
	var names []string
	var failed error
	for _, setting := range all {
		if !setting.afterCreate() || slices.Contains(s.NotKept, setting.Name()) ||
			failed != nil && setting == anySetting(deletionProtection) {
			continue
		}
		put, err := w.putBack(ctx, setting, s.Settings[setting.Name()])
		if put && err == nil && w.Done != nil {
			if err := w.Done(setting.Name()); err != nil {
				return names, errors.Join(failed, err)
			}
		}
		switch {
		case err != nil && ctx.Err() != nil:
			return names, errors.Join(failed, err)
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("put back %s: %w", setting.Name(), err))
		case put:
			names = append(names, setting.Name())
		}
	}
	return names, failed
}

func (w *Writer) putBack(ctx context.Context, setting anySetting, want json.RawMessage) (put bool, err error) {
	r, err := w.reader(ctx)
	if err != nil {
		return false, err
	}
	w.to = r.identity()
	if w.given().has(w.to.ID, setting.Name()) {
		return false, nil
	}
	is, err := setting.readJSON(ctx, r)
	switch {
	case errors.Is(err, errNotKept):
		w.notKept(setting, want)
		return false, nil
	case err != nil:
		return false, err
	case setting.given(is, want):
		w.given().add(w.to.ID, setting.Name())
		return false, nil
	}
	err = setting.putJSON(ctx, w, want)
	if r.local && setting.withCreate() && awserr.Code(err) != "" {
		w.notKept(setting, want) // CreateTable of a local server has ignored it without an error.
		return false, nil
	}
	if err != nil {
		return true, err
	}
	return true, w.settle(ctx, setting, want)
}

// maxMisses is how many reads may not find a table that was just created: DescribeTable is eventually consistent
// ("DescribeTable" in the Amazon DynamoDB API Reference).
const maxMisses = 3

// reader returns a reader of the table as it is now.
func (w *Writer) reader(ctx context.Context) (*reader, error) {
	for ; ; w.missed++ {
		r, err := newReader(ctx, w.Clients, w.Table)
		if w.missed == maxMisses || awserr.Code(err) != "ResourceNotFoundException" {
			return r, err
		}
		if err := w.Sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// Read is [Read] for the table.
func (w *Writer) Read(ctx context.Context) (*Snapshot, error) {
	r, err := w.reader(ctx)
	if err != nil {
		return nil, err
	}
	return r.snapshot(ctx, all)
}

func (w *Writer) notKept(setting anySetting, want json.RawMessage) {
	if want != nil && !slices.Contains(w.NotKept, setting.Name()) {
		w.NotKept = append(w.NotKept, setting.Name())
	}
}

// maxSettleReads is how many times settle reads a setting that was put.
const maxSettleReads = 12

// settle waits until AWS shows the value, since policies and tags take effect some seconds after they were put
// ("PutResourcePolicy" and "TagResource" in the API reference). What is still missing after a minute is found by the
// comparison at the end.
func (w *Writer) settle(ctx context.Context, setting anySetting, want json.RawMessage) error {
	for range maxSettleReads {
		r, err := w.reader(ctx)
		if err != nil {
			return err
		}
		is, err := setting.readJSON(ctx, r)
		if err != nil {
			return err
		}
		if setting.given(is, want) {
			w.given().add(r.identity().ID, setting.Name())
			return nil
		}
		if err := w.Sleep(ctx, pause); err != nil {
			return err
		}
	}
	return nil
}

// attempts is how many times a request is sent that AWS cannot serve yet: for about ten minutes, which is how long
// point-in-time recovery of a new table may take to be available ("UpdateContinuousBackups").
const (
	attempts = 120
	pause    = 5 * time.Second
)

// again sends a request again as long as it fails with one of the codes.
func (w *Writer) again(ctx context.Context, codes []string, request func() error) error {
	for attempt := 1; ; attempt++ {
		err := request()
		if err == nil || attempt == attempts || !slices.Contains(codes, awserr.Code(err)) {
			return err
		}
		if err := w.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// busy are the codes for a table that is being changed, and for too many changes at once.
var busy = []string{
	"ResourceInUseException", "LimitExceededException", "ThrottlingException", "ConcurrentUpdateException",
	"TooManyRequestsException",
}

// update sends an UpdateTable, and waits until the table is ACTIVE again.
func (w *Writer) update(ctx context.Context, input *dynamodb.UpdateTableInput) error {
	input.TableName = aws.String(w.Table)
	err := w.again(ctx, busy, func() error {
		_, err := w.DynamoDB.UpdateTable(ctx, input)
		return err
	})
	if err != nil {
		return err
	}
	return w.until(ctx, func() (bool, error) {
		r, err := w.reader(ctx)
		return err == nil && r.table.TableStatus == types.TableStatusActive, err
	})
}

// errTooLong is the error if AWS has not done in ten minutes what takes seconds.
var errTooLong = errors.New("it is not done after ten minutes")

// until waits until done returns true.
func (w *Writer) until(ctx context.Context, done func() (bool, error)) error {
	for range attempts {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if err := w.Sleep(ctx, pause); err != nil {
			return err
		}
	}
	return errTooLong
}
