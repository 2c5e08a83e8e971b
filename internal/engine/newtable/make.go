// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package newtable

import (
	"context"
	"errors"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// MakeTable creates the table, and records that this run did so.
func MakeTable(
	ctx context.Context,
	e *tables.Env,
	record journal.Record,
	state *records.Creation,
	writer *settings.Writer,
) error {
	begun := !state.StartedAt.IsZero() // What is there may be this run's.
	if !begun {
		state.StartedAt = e.Now()
	}
	if err := record.Save(ctx, state); err != nil {
		return attempt.Explain(ctx, err)
	}
	limited, cancel := context.WithTimeoutCause(ctx, records.MostCreating, explain.ErrDeadline)
	defer cancel()
	sent, err := writer.Make(limited, state.Wanted.ForFilling())
	if !sent && !begun { // A table that is there, or will be, is another's: the next run is not to take it for its own.
		if err == nil {
			err = MadeByOthers(state.Wanted.Table)
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
		return MadeByOthers(state.Wanted.Table)
	}
	state.TableID = settings.IdentityOf(made).ID
	_ = writer.Look(ctx, state.Wanted) // What is not seen now is seen when all is compared.
	if err := record.Save(ctx, state); err != nil {
		return attempt.Explain(ctx, err)
	}
	return nil
}

func MadeByOthers(table settings.Identity) *problem.Problem {
	return &problem.Problem{
		Summary: "Table Was Made Meanwhile", Attribute: "destination.table", Table: table.Name,
		Cause: "There was no such table when this run began, and somebody else has made one since. Nothing of it was " +
			"changed.",
		Next: "Apply again: an existing table is used as it is.",
	}
}

// Finish gives the table the settings that CreateTable does not take, unless only the schema is copied, and compares.
// It returns the names of settings that a local server does not keep.
func (c *Creation) Finish(ctx context.Context, writer *settings.Writer) (notKept []string, err error) {
	wanted := c.State.Wanted
	if restore := c.State.Restore; restore != nil && restore.Older {
		if wanted, notKept, err = c.restored(ctx); err != nil {
			return nil, err
		}
	}
	if c.State.Level == settings.Full {
		if _, err := writer.PutBack(ctx, wanted); err != nil {
			return nil, err
		}
	}
	is, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	is.NotKept = append(is.NotKept, writer.NotKept...)
	found, changed, dropped := c.State.Given.DiffMade(wanted, is)
	c.Changed = changed
	if len(found) > 0 {
		return nil, &settings.DifferenceError{Differences: found}
	}
	return append(notKept, dropped...), nil
}

// read reads the settings of the new table that the copy is responsible for.
func (c *Creation) read(ctx context.Context) (*settings.Snapshot, error) {
	if c.State.Level == settings.Schema {
		return settings.ReadSchema(ctx, c.Clients, c.State.Wanted.Table.Name)
	}
	return settings.Read(ctx, c.Clients, c.State.Wanted.Table.Name)
}

// Problem explains why a creation stopped, and what it left.
func (c *Creation) Problem(ctx context.Context, state string, err error) *problem.Problem {
	p := explain.Error(ctx, err)
	p.Attribute = "destination.table"
	table := c.State.Wanted.Table
	p.Table = table.Name
	p.Account, p.Region = table.Where()
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
