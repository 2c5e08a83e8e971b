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

// Creation is what the journal keeps of a table that a copy makes until it is complete.
type Creation struct {
	journal.Header
	// ID is the run's, if it is one of MethodRestore; others have a record of their own besides.
	ID        string
	StartedAt time.Time
	Level     settings.Level
	// Source is the source table. Wanted is what the new one is to be like, and NotCopied what of the source it will not
	// have: each attempt finds that out of the source, and takes nothing of it from the journal.
	Source    settings.Identity
	Wanted    *settings.Snapshot `json:"-"`
	NotCopied []string           `json:"-"`
	// TableARN is the new table's, for runs of others. TableID tells it apart from others of its name; empty until it is
	// there.
	TableARN string
	TableID  string
	// Given is what the new table was seen to have of what is wanted.
	Given settings.Given
	// Restore is how far AWS is with making it from a backup or a recovery; nil for a table that is made empty.
	Restore *Restore `json:",omitempty"`
	// Import reports whether an import of AWS's makes the table, with its items.
	Import bool
}

// MostCreating is how long CreateTable is tried; a table that is made later is another's.
const MostCreating = time.Hour

// Made reports whether the table is the one that was begun.
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

// madeAfter reports whether the table was made by a CreateTable of that time, of which the answer was lost.
func madeAfter(d *types.TableDescription, sent time.Time) bool {
	return explain.CreatedSince(d, sent) && optional.Value(d.CreationDateTime).Sub(sent) < MostCreating+explain.ClockSkew
}

// Restore is how far AWS is with making a table from a backup or a recovery.
type Restore struct {
	// Definition is what is restored.
	Definition string
	// Older reports whether the table is restored with indexes and billing of its own, which the source may not have any
	// more.
	Older bool
	// BackupARN is the backup that the run has made, empty if there is none, or the one that was given.
	BackupARN string
	// SentAt is when the first request for the restore was sent that AWS may have carried out; zero if there was none.
	SentAt time.Time
}

// Own reports whether the backup is one that the run has made: what is given is older.
func (r *Restore) Own() bool { return r.BackupARN != "" && !r.Older }

// made reports whether the table of that description is what was asked for, by an attempt that did not hear of it.
// Nobody else restores the run's own backup; of what others may restore too, a table counts that was made since the run
// asked for it.
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

// outdated has a copy not take its table for what AWS has made of it any more. Of a table that was made empty, the
// items have a record of their own.
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

// inTheWay finds nothing: while AWS makes a table it is not ACTIVE.
func (*Creation) inTheWay(context.Context, *tables.Env, string, Use, Use) *problem.Problem {
	return nil
}

// Foreign returns what the state, which the record of that name holds, says and no copy that makes its destination can
// have left; empty for nothing. The table that it names is looked at besides, by made.
func (s *Creation) Foreign(name string, now time.Time) (why string) {
	switch {
	case s.StartedAt.After(now.Add(explain.ClockSkew)):
		return "it began at a time that is still to come"
	case s.ID != "" && !journal.IsID(s.ID, name), s.Restore != nil && s.ID == "":
		return "its id is not one of this run"
	}
	return ""
}

// Restores reports whether the table that was begun is made in the way that the job wants.
func (s *Creation) Restores(j job.Copy) bool {
	if s.Restore == nil || !j.Restores() {
		return !j.Restores()
	}
	definition, err := j.RestoreDefinition(s.Source)
	return err == nil && definition == s.Restore.Definition
}
