// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// tableInterval is the time between two looks at whether the tables of a run are still the same. A purge may delete the items of a new
// table for so long. DescribeTable consumes no capacity.
const tableInterval = 5 * time.Second

// replacedError says that the name of one of the run's tables is another table's by now.
type replacedError struct {
	table     *table
	attribute string // The argument that names it.
	was, now  string // Identities.
}

func (e *replacedError) Error() string {
	return fmt.Sprintf("the table was %s and is %s", e.was, e.now)
}

func (e *replacedError) problem() *problem.Problem {
	p := e.table.about(e.attribute, "Table Replaced")
	p.Cause = "The table that the run began with was deleted, and another one has its name now. What the run has done, it may have done to either."
	p.Next = "Find out who replaced the table. Apply again if the new one is meant: that run begins from the start."
	p.Err = e
	return p
}

// isReplaced says whether the error is a *replacedError.
func isReplaced(err error) bool {
	_, replaced := errors.AsType[*replacedError](err)
	return replaced
}

// sameTables returns a *replacedError if a table of the run is not the one that it began with. A source that is gone was there as long
// as it was read.
func (m movement) sameTables(ctx context.Context) error {
	if err := m.reads.same(ctx, job.SourceTable); err != nil && !isGone(err) {
		return err
	}
	return m.writes.same(ctx, m.attribute)
}

// same returns an error unless the table that the argument names is still this one; nil is none.
func (t *table) same(ctx context.Context, attribute string) error {
	if t == nil {
		return nil
	}
	described, err := t.now(ctx, attribute)
	if err != nil {
		return err
	}
	if was, now := t.identity().String(), settings.IdentityOf(described).String(); was != now {
		return &replacedError{t, attribute, was, now}
	}
	return nil
}

// now describes the table that the argument names as it is now.
func (t *table) now(ctx context.Context, attribute string) (*types.TableDescription, error) {
	described, err := t.Now(ctx)
	switch {
	case err == nil:
		return described, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	p := requestProblem(ctx, err)
	p.Attribute, p.Table = attribute, t.Name
	p.Account, p.Region = t.Where()
	return nil, p
}

// identify describes the tables of the run again, before anything goes by who they are: the SDK does not notice that the answer with
// which a table was opened was damaged on its way.
func (m movement) identify(ctx context.Context) error {
	for _, side := range []struct {
		table     *table
		attribute string
	}{{m.reads, job.SourceTable}, {m.writes, m.attribute}} {
		if side.table == nil {
			continue
		}
		described, err := side.table.now(ctx, side.attribute)
		if err != nil {
			return err
		}
		side.table.Description = described
	}
	return nil
}

// isGone says whether the table of a request is not there any more.
func isGone(err error) bool {
	_, gone := errors.AsType[*types.ResourceNotFoundException](err)
	return gone
}

// watchTables calls replaced when a table of the run is not the one that it began with, until the function returned is called. The tasks
// of a distributed run leave that to the machine that has the whole run. What else is wrong with a table is for the run to find.
func (m movement) watchTables(ctx context.Context, replaced func(error)) (stop func()) {
	if m.segment != nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	wait := every(ctx, tableInterval, func(time.Time) {
		if err := m.sameTables(ctx); isReplaced(err) {
			replaced(err)
		}
	})
	return func() {
		cancel()
		wait()
	}
}
