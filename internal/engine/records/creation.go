// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Creation is the record of a table that a copy creates, kept until the copy is complete.
type Creation struct {
	journal.Header
	// ID is the run's if AWS restores the table. Other runs have a record of their own besides.
	ID        string
	StartedAt time.Time
	Level     settings.Level
	// Source is the source table. Wanted is what the new table should be like, and NotCopied what it will not have of the
	// source. Each attempt works both out from the source again; nothing of them comes from the journal.
	Source    settings.Identity
	Wanted    *settings.Snapshot `json:"-"`
	NotCopied []string           `json:"-"`
	// TableARN tells other runs which table is created. TableID distinguishes it from others of the same name, and is
	// empty until the table exists.
	TableARN string
	TableID  string
	// Given is what the new table has been seen to have of what is wanted.
	Given settings.Given
	// Restore is the progress of a restore by AWS; nil for a table that is created empty.
	Restore *Restore `json:",omitempty"`
	// Import reports whether ImportTable creates the table, with its items.
	Import bool
}

// MostCreating is how long CreateTable is tried. A table that is created later belongs to another run.
const MostCreating = time.Hour

// Made reports whether the table is the one that the record tells of.
func (s *Creation) Made(d *types.TableDescription) bool {
	if s == nil {
		return false
	}
	switch {
	case s.TableID != "" && settings.IdentityOf(d).ID != s.TableID:
		return false
	case s.Restore != nil:
		return s.Restore.made(d, s.Source)
	case s.TableID != "":
		return explain.CreatedSince(d, s.StartedAt)
	}
	return madeAfter(d, s.StartedAt)
}

// madeAfter reports whether a CreateTable of that time, whose answer was lost, created the table.
func madeAfter(d *types.TableDescription, sent time.Time) bool {
	return explain.CreatedSince(d, sent) && optional.Value(d.CreationDateTime).Sub(sent) < MostCreating+explain.ClockSkew
}

// Restore is the progress of a restore from a backup or from point-in-time recovery.
type Restore struct {
	// Definition identifies what is restored.
	Definition string
	// Older reports whether the restored table has indexes and billing that the source may not have any more.
	Older bool
	// BackupARN is the backup that was given, or the one that the run made; empty if there is none.
	BackupARN string
	// SentAt is when the first request was sent that AWS may have carried out, zero if there was none.
	SentAt time.Time
}

// Own reports whether the run made the backup. A backup that was given is older than the run.
func (r *Restore) Own() bool { return r.BackupARN != "" && !r.Older }

// made reports whether the table is the one that an earlier attempt asked for, without hearing that it was created.
// Only the run restores its own backup. If others may have restored the same, the table counts if it was created after
// the run asked.
func (r *Restore) made(d *types.TableDescription, from settings.Identity) bool {
	summary := optional.Value(d.RestoreSummary)
	switch {
	case optional.Value(summary.SourceBackupArn) != r.BackupARN:
		return false
	case r.Own():
		return true
	case r.BackupARN == "" && optional.Value(summary.SourceTableArn) != from.ARN:
		return false
	}
	return !r.SentAt.IsZero() && explain.CreatedSince(d, r.SentAt)
}

// outdated stops the copy from taking the table for what AWS made of it. If the table was created empty, its items have
// a record of their own.
func (s *Creation) outdated(_ string, c Change) (rest any, means string, ok bool) {
	switch {
	case s.TableARN != c.Table.ARN() || !s.Made(c.Table.Description):
		return nil, "", false
	case s.Restore != nil:
		means = "AWS has restored the table for it, and the copy is not completed any more: settings that it had still to " +
			"put back stay as they are. To apply it again, delete the table first, or name another one."
		if s.Restore.Own() {
			means += " The backup that it has made stays: " + s.Restore.BackupARN + "."
		}
		return nil, means, true
	case s.Import: // What that means for the run is said of its export.
		loaded := *s
		loaded.Import = false
		return loaded, "", true
	}
	return nil, "", false
}

// inTheWay finds nothing: a table that AWS still makes is not ACTIVE.
func (*Creation) inTheWay(context.Context, *tables.Env, string, Use, Use) *problem.Problem {
	return nil
}

// Foreign returns what in the record no copy that creates its destination can have written, empty if there is nothing.
// Made checks the table that it names.
func (s *Creation) Foreign(name string, now time.Time) (why string) {
	switch {
	case s.StartedAt.After(now.Add(explain.ClockSkew)):
		return "it began at a time that is still to come"
	case s.ID != "" && !journal.IsID(s.ID, name), s.Restore != nil && s.ID == "":
		return "its id is not one of this run"
	}
	return ""
}

// Restores reports whether the table is made in the way that the job asks for.
func (s *Creation) Restores(j job.Copy) bool {
	if s.Restore == nil || !j.Restores() {
		return !j.Restores()
	}
	definition, err := j.RestoreDefinition(s.Source)
	return err == nil && definition == s.Restore.Definition
}
