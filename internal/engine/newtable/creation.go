// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package newtable

import (
	"context"
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Creation is a destination table that a copy creates, or has begun to create.
type Creation struct {
	Clients settings.Clients
	State   *records.Creation
	// Record holds the state while the copy runs.
	Record journal.Record
	// Changed is what others changed of the new table's settings, or added, since it had them. It is known once the table
	// is complete.
	Changed []settings.Difference
}

// Begun returns the journal's record of a table that a copy has begun to create, nil if there is none.
func Begun(ctx context.Context, e *tables.Env, r job.Ref) (*records.Creation, settings.Clients, *problem.Problem) {
	clients, p := tables.SettingsClients(ctx, e, r)
	if p != nil {
		return nil, clients, p
	}
	var state records.Creation
	found, err := e.Journal.Peek(ctx, RecordName(clients, r), &state)
	if err != nil {
		return nil, clients, attempt.Explain(ctx, err)
	}
	if !found {
		return nil, clients, nil
	}
	if why := state.Foreign(RecordName(clients, r), e.Now()); why != "" {
		return nil, clients, attempt.Refused(e, RecordName(clients, r), why)
	}
	return &state, clients, nil
}

// Resume resumes what an earlier attempt began. What the table should be like is planned again, and so is what it is
// restored from, unless the run itself made the backup.
func (c *Creation) Resume(j job.Copy, begun *records.Creation) {
	if c == nil {
		return
	}
	c.State.ID, c.State.StartedAt, c.State.TableID, c.State.Import = begun.ID, begun.StartedAt, begun.TableID, begun.Import
	c.State.Given = begun.Given
	if begun.Restore == nil {
		return
	}
	c.State.Restore = &records.Restore{
		Definition: begun.Restore.Definition,
		Older:      j.Restore.Older(),
		BackupARN:  j.Restore.BackupARN,
		SentAt:     begun.Restore.SentAt,
	}
	if j.Restore.MakesBackup() {
		c.State.Restore.BackupARN = begun.Restore.BackupARN
	}
}

// RecordName returns the name of the record of a new table.
func RecordName(clients settings.Clients, r job.Ref) string {
	role := ""
	if r.Connection.AssumeRole != nil {
		role = r.Connection.AssumeRole.ARN
	}
	return journal.CreateName(clients.DynamoDB.Options().Region, r.Name, r.Connection.Profile, role, r.Connection.Endpoint)
}

// WantedBy reports whether the job would create the table that was begun.
func WantedBy(s *records.Creation, j job.Copy, source *tables.Table) bool {
	return s.Level == j.Destination.Create && source != nil && source.ARN() == s.Source.ARN && s.Restores(j)
}

// Progress saves what the new table has been given. If that fails, the next attempt reads it from the table.
func (c *Creation) Progress(ctx context.Context) error {
	if err := c.Save(ctx); errors.Is(err, journal.ErrTaken) {
		return err
	}
	return nil
}

// Save saves the state.
func (c *Creation) Save(ctx context.Context) error {
	if err := c.Record.Save(ctx, c.State); err != nil {
		return attempt.Explain(ctx, err)
	}
	return nil
}
