// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// copyToNew makes the destination, copies the items, and then gives it the rest of its settings. A time to live would delete
// items while they are compared, a stream would hold them all, and autoscaling would leave the new table with the capacity that the copy needed.
func copyToNew(ctx context.Context, e *tables.Env, j job.Copy, ready *readyCopy, observer attempt.Observer) (_ *run.Result, err error) {
	made, r := ready.creation, j.DestinationRef()
	record, err := attempt.Take(ctx, e, r, creationName(made.clients, r), "creating")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	made.record = record
	ready.own = append(ready.own, creationName(made.clients, r))
	if made.state.StartedAt.IsZero() {
		made.state.Import = ready.willImport(j)
	}
	made.state.Import = made.state.Import && j.Exports() // Another method takes the table as it is.
	writer := &settings.Writer{
		Clients: made.clients, Table: made.state.Wanted.Table.Name, From: made.state.Source, Given: &made.state.Given, Sleep: wire.Sleep,
		Done: func(string) error { return made.progress(ctx) },
	}
	if j.Restores() {
		run := restoreRun{env: e, job: j, ready: ready, made: made, record: record, writer: writer}
		return run.do(ctx, observer)
	}
	if made.state.TableID == "" && !made.state.Import {
		if err := makeTable(ctx, e, record, made.state, writer); err != nil {
			if known, ok := errors.AsType[*problem.Problem](err); ok {
				return nil, known
			}
			return nil, made.problem(ctx, "It may be there or not, and is empty.", err)
		}
	}
	if !made.state.Import {
		var p *problem.Problem
		if ready.destination, p = tables.OpenCreated(ctx, e, r); p != nil {
			return nil, p
		}
	}
	var notKept []string
	// As part of the run: once that is complete, nobody would know any more that the items are there.
	ready.finish = func(ctx context.Context) error {
		var err error
		if notKept, err = made.finish(ctx, writer); err != nil {
			p := made.problem(ctx, "", err)
			p.Cause = "The items are there, but the new table has not all of its settings yet. " + p.Cause
			return p
		}
		if err := record.Remove(ctx); err != nil {
			return attempt.Explain(ctx, err)
		}
		return nil
	}
	result, err := copyItems(ctx, e, j, ready, observer)
	if err != nil {
		return nil, err
	}
	result.DestinationCreated, result.SettingsNotCopied = true, slices.Concat(made.state.NotCopied, notKept)
	result.Remarks = append(result.Remarks, recreate.ChangedWarnings("destination.table", made.state.Wanted.Table, made.changed)...)
	return result, nil
}

// makeTable makes the table, and keeps in the journal that it was this run.
func makeTable(ctx context.Context, e *tables.Env, record journal.Record, state *records.Creation, writer *settings.Writer) error {
	begun := !state.StartedAt.IsZero() // What is there may be this run's.
	if !begun {
		state.StartedAt = e.Now()
	}
	if err := record.Save(ctx, state); err != nil {
		return attempt.Explain(ctx, err)
	}
	limited, cancel := context.WithTimeoutCause(ctx, records.MostCreating, tables.ErrDeadline)
	defer cancel()
	sent, err := writer.Make(limited, state.Wanted.ForFilling())
	if !sent && !begun { // A table that is there, or will be, is another's: the next run is not to take it for its own.
		if err == nil {
			err = madeByOthers(state.Wanted.Table)
		}
		return errors.Join(err, record.Remove(context.WithoutCancel(ctx)))
	}
	if err != nil {
		return err
	}
	made, err := tables.DescribeCreated(ctx, writer.DynamoDB, writer.Table)
	if err != nil {
		return err
	}
	if made == nil || !sent && !state.Made(made) {
		return madeByOthers(state.Wanted.Table)
	}
	state.TableID = settings.IdentityOf(made).ID
	_ = writer.Look(ctx, state.Wanted) // What is not seen now is seen when all is compared.
	if err := record.Save(ctx, state); err != nil {
		return attempt.Explain(ctx, err)
	}
	return nil
}

func madeByOthers(table settings.Identity) *problem.Problem {
	return &problem.Problem{
		Summary: "Table Was Made Meanwhile", Attribute: "destination.table", Table: table.Name,
		Cause: "There was no such table when this run began, and somebody else has made one since. Nothing of it was changed.",
		Next:  "Apply again: an existing table is used as it is.",
	}
}

// finish gives the table the settings that CreateTable does not take, of which a schema has none, and compares. It returns the names of
// those that a local server does not keep.
func (c *creation) finish(ctx context.Context, writer *settings.Writer) (notKept []string, err error) {
	wanted := c.state.Wanted
	if restore := c.state.Restore; restore != nil && restore.Older {
		if wanted, notKept, err = c.restored(ctx); err != nil {
			return nil, err
		}
	}
	if c.state.Level == settings.Full {
		if _, err := writer.PutBack(ctx, wanted); err != nil {
			return nil, err
		}
	}
	is, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	is.NotKept = append(is.NotKept, writer.NotKept...)
	found, changed, dropped := c.state.Given.DiffMade(wanted, is)
	c.changed = changed
	if len(found) > 0 {
		return nil, &settings.DifferenceError{Differences: found}
	}
	return append(notKept, dropped...), nil
}

// progress keeps in the journal what the new table has been given. If that fails, the next attempt looks at it again.
func (c *creation) progress(ctx context.Context) error {
	if err := c.save(ctx); errors.Is(err, journal.ErrTaken) {
		return err
	}
	return nil
}

// read reads the settings of the new table, as far as the copy makes them.
func (c *creation) read(ctx context.Context) (*settings.Snapshot, error) {
	if c.state.Level == settings.Schema {
		return settings.ReadSchema(ctx, c.clients, c.state.Wanted.Table.Name)
	}
	return settings.Read(ctx, c.clients, c.state.Wanted.Table.Name)
}

// problem says what a creation that stopped has left behind.
func (c *creation) problem(ctx context.Context, state string, err error) *problem.Problem {
	p := tables.Explain(ctx, err)
	p.Attribute = "destination.table"
	table := c.state.Wanted.Table
	p.Table = table.Name
	if parsed, err := arn.Parse(table.ARN); err == nil {
		p.Account, p.Region = parsed.AccountID, parsed.Region
	}
	p.Counts = "The table is made by this run. " + state
	if different, ok := errors.AsType[*settings.DifferenceError](err); ok {
		p.Summary = "Settings Differ After Copy"
		p.Cause = "The new table does not have all the settings that it was to have."
		p.Next = "Compare with the list below and set them; or apply again, which tries once more."
		p.Err = different
	}
	p.Next = strings.TrimSpace(p.Next + " What remains to be done is in the journal: the next apply resumes there.")
	return p
}
