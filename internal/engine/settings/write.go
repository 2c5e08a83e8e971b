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

// Writer gives settings to a table.
type Writer struct {
	Clients
	// Table is the table's name, From the table that the snapshot is of.
	Table string
	From  Identity
	// Dropped says that there was a table, which was dropped to be made again.
	Dropped bool
	// Sleep waits, or returns the context's error.
	Sleep func(ctx context.Context, d time.Duration) error

	// Given is what the table has been given before, and what PutBack and Look see that it has; nil for nothing.
	Given *Given

	// Done is told the name of each setting that PutBack has put back, and ends it with an error; nil for nobody.
	Done func(setting string) error

	// NotKept are the settings that PutBack found a local server not to know, though the snapshot has them.
	NotKept []string

	to     Identity // The table, as it was described last.
	missed int      // How often it was not found.
}

// PutBack gives the table, which is there and ACTIVE, the settings of the snapshot that CreateTable does not take, and
// returns their names. What is as it should be, or was, is left alone, so it may be called again after it failed in its middle; so is
// what others have given the table besides. A setting that cannot be put back keeps none of the others out, but protection against
// deletion; the error joins those of all.
func (w *Writer) PutBack(ctx context.Context, s *Snapshot) ([]string, error) {
	var names []string
	var failed error
	for _, setting := range all {
		if !setting.afterCreate() || slices.Contains(s.NotKept, setting.Name()) || failed != nil && setting == anySetting(deletionProtection) {
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
		w.notKept(setting, want) // A local server has passed over it in CreateTable without a word.
		return false, nil
	}
	if err != nil {
		return true, err
	}
	return true, w.settle(ctx, setting, want)
}

// absences is how many looks may not find a table that is there: it was just created, and DescribeTable is eventually consistent
// ("DescribeTable" in the Amazon DynamoDB API Reference).
const absences = 3

// reader is that of the table as it is described now.
func (w *Writer) reader(ctx context.Context) (*reader, error) {
	for ; ; w.missed++ {
		r, err := newReader(ctx, w.Clients, w.Table)
		if w.missed == absences || awserr.Code(err) != "ResourceNotFoundException" {
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

// settling is how often is looked whether AWS shows what was put.
const settling = 12

// settle waits until AWS shows what was put, since it puts policies and tags some seconds later ("PutResourcePolicy" and
// "TagResource" in the API reference). What has not come after a minute is left to the one who compares.
func (w *Writer) settle(ctx context.Context, setting anySetting, want json.RawMessage) error {
	for range settling {
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

// attempts are how often a request is sent that AWS cannot serve yet: for about ten minutes, which is how long
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

// busy are the codes of a table that is being changed, and of too many changes at once.
var busy = []string{
	"ResourceInUseException", "LimitExceededException", "ThrottlingException", "ConcurrentUpdateException", "TooManyRequestsException",
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

// errTooLong says that AWS has not done in ten minutes what takes seconds.
var errTooLong = errors.New("it is not done after ten minutes")

// until waits until something is done.
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
