// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// A record of the journal is input, not truth: others may be able to write to the journal. Each kind of record has a method here that
// finds what the run which loads it cannot have written. It is called where the record is loaded, before anything of it is used; what it
// finds ends the run. What the configuration says is never taken from a record. Where a record names something that AWS keeps, and the
// run would use or delete that, AWS is asked first whether it is the run's (the packages managed, spark and store).

// refusedRecord is the problem that a record holds what its run cannot have written.
func refusedRecord(e *tables.Env, name, why string) *problem.Problem {
	return &problem.Problem{
		Summary: "Record Of The Journal Refused",
		Cause:   fmt.Sprintf("The record %s of the journal, %s, is not one that this run has left: %s. Nothing was done by it.", name, e.Journal, why),
		Next: "Find out what else can write to the journal, and take that right away. Then delete the record and apply again: the run begins from the start. " +
			"A record of a recreate may be the only copy of a table's settings: keep one before you delete it.",
	}
}

// foreign returns what the record holds that no attempt at the movement can have written, empty for nothing. The log is that of the attempt
// that loads it.
func (r *Record) foreign(log *runLog, m movement) (why string) {
	of, export := m.kind, m.export()
	switch {
	case m.segment != nil && r.ID != log.ID, m.segment == nil && !journal.IsID(r.ID, log.name):
		return "its id is not one of this run"
	case r.Kind != of:
		return fmt.Sprintf("it is one of a %q, and the run is a %s", r.Kind, of)
	case r.Done && m.segment == nil:
		return "it says that the run is complete, and the record of a complete run is removed"
	case r.Job != nil && m.spread == nil:
		return "it names a Spark job, and the run has none"
	case r.Parts < 0 || r.Parts > job.MostSegments || r.Active < 0 || r.Throttled < 0 || !counts(r.Ledger) || !counts(r.Checkpoint.Ledger) || optional.Value(r.MayDiffer) < 0:
		return "its counts are out of range"
	case r.Job != nil && (r.Parts == 0 || r.Parts > job.MostTasks):
		return "the number of its segments is out of range"
	case !within(r.Checkpoint, r.Parts):
		return "it has come further than its parts"
	case export == nil && (r.Export != "" || len(r.Left) > 0):
		return "it names an export, and the run makes none"
	case m.segment == nil && len(r.Files) > 0:
		return "it names files of an export, which only the records of segments do"
	}
	for _, root := range append(r.Left, r.Export) {
		if root != "" && !export.IsOf(root, log.name) {
			return fmt.Sprintf("the export %q is not one that this run has begun", root)
		}
	}
	if m.segment != nil && !below(r.Files, m.segment.Export) {
		return "it names files that are not the export's"
	}
	if r.Job != nil {
		return r.Job.foreign()
	}
	return ""
}

// foreign returns what no run can have written about its Spark job, empty for nothing.
func (j *SparkJob) foreign() (why string) {
	id := func(text string) bool { return text == "" || awsID.MatchString(text) }
	if j.Digest != "" && !hexDigest.MatchString(j.Digest) {
		return "the digest of its Spark job is none"
	}
	if j.Attempt < 1 || j.Attempt > mostAttempts || !id(j.Handle.ID) || !id(j.Handle.Application) {
		return "its Spark job is not one that a run has started"
	}
	return ""
}

// foreignJob returns what no run of that record can have written about its Spark job, empty for nothing.
func (r *Record) foreignJob(name string) (why string) {
	if !journal.IsID(r.ID, name) {
		return "its id is not one of its run"
	}
	return r.Job.foreign()
}

// foreign returns what the record of that name holds and no copy by way of an export can have left, empty for nothing. The export and the load
// that it names are looked at besides, when they are waited for.
func (r *exportRecord) foreign(name string, now time.Time) (why string) {
	late := now.Add(tables.ClockSkew)
	switch {
	case !journal.IsID(r.ID, name), !journal.IsID(r.Export.Token, name), r.Load.Token != "" && !journal.IsID(r.Load.Token, name):
		return "its id, or a token, is not one of this run"
	case r.Export.SentAt.After(late) || r.Load.SentAt.After(late) || r.UpdatedAt.After(late) || r.StartedAt.After(late):
		return "it was left at a time that is still to come"
	case r.Load.ARN != "" && r.Export.ARN == "":
		return "it names a load without its export"
	case r.Done || r.Job != nil || len(r.Files) > 0 || len(r.Left) > 0 || r.Active < 0:
		return "it says what only records of other runs do"
	}
	return ""
}

// foreign returns what the state, which the record of that name holds, says and no copy that makes its destination can have left; empty for
// nothing. The table that it names is looked at besides, by made.
func (s *creationState) foreign(name string, now time.Time) (why string) {
	switch {
	case s.StartedAt.After(now.Add(tables.ClockSkew)):
		return "it began at a time that is still to come"
	case s.ID != "" && !journal.IsID(s.ID, name), s.Restore != nil && s.ID == "":
		return "its id is not one of this run"
	}
	return ""
}

// trustRecreate refuses a state that is in the record of that name and is not one of a recreate of its table. What the snapshot says of the
// table's settings cannot be proved once the table is gone.
func trustRecreate(e *tables.Env, name string, state *recreate.State) *problem.Problem {
	if state.Snapshot == nil {
		return refusedRecord(e, name, "it has no settings")
	}
	if name != recreateName(state.Snapshot.Table) {
		return refusedRecord(e, name, "it is the record of another table")
	}
	if why := state.Foreign(name, e.Now()); why != "" {
		return refusedRecord(e, name, why)
	}
	return nil
}

// ownBackup refuses the record if the backup that it names is there and is not the one that the run makes. Without a backup, there is nothing
// to refuse.
func ownBackup(ctx context.Context, e *tables.Env, backup managed.Backup, record, arn string) error {
	if arn == "" {
		return nil
	}
	owned, err := backup.Owns(ctx, arn)
	switch {
	case err != nil:
		return tables.Explain(ctx, err)
	case !owned:
		return refusedRecord(e, record, fmt.Sprintf("%q is not a backup that this run has made", arn))
	}
	return nil
}

// mostAttempts is how many Spark jobs a run may have had.
const mostAttempts = 1_000_000

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// awsID are the ids that EMR and Data Pipeline give.
var awsID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,127}$`)

// usable reports whether a segment's record is one that a task of the run has left: what is not is as if it was not there, so that
// the segment is done.
func (r *Record) usable(run Record) bool {
	return r.ID == run.ID && r.Kind == run.Kind && r.Reads == run.Reads && r.Writes == run.Writes && counts(r.Ledger) && r.Throttled >= 0 && below(r.Files, run.Export)
}

// below reports whether all files are data files of the export.
func below(files []store.S3File, export string) bool {
	for _, file := range files {
		if !store.IsDataFile(export, file.DataFileS3Key) || file.ItemCount < 0 {
			return false
		}
	}
	return true
}

// counts reports whether the ledger may be one of a run: nothing is counted below zero.
func counts(l flow.Ledger) bool {
	return min(l.Scanned, l.Filtered, l.Dropped, l.Written, l.Skipped, l.Failed, l.SkippedDifferent, l.BytesWritten, l.SentBack) >= 0 && min(l.ReadUnits, l.WriteUnits) >= 0
}

// within reports whether the checkpoint is one of a source that is read in so many parts.
func within(c flow.Checkpoint, parts int) bool {
	for _, part := range c.Parts {
		if part.Number < 0 || part.Number >= parts {
			return false
		}
	}
	return true
}

// recent reports whether the time is one from which a run may resume: no more than GoOnWithin ago, and not to come.
func recent(at, now time.Time) bool {
	age := now.Sub(at)
	return age < GoOnWithin && age > -tables.ClockSkew
}

// isUUID reports whether the text is a UUID in the one spelling that ids have here.
func isUUID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}

// foreign returns what a task holds that no provider can have written, empty for nothing. The tables, and the objects of a source in S3,
// are looked at where they are opened.
func (t Task) foreign() (why string) {
	if t.Segments < 1 || t.Segments > job.MostTasks || t.Segment < 0 || t.Segment >= t.Segments || t.Attempt < 0 || t.Parts < 1 || t.AtOnce < 1 || t.Parts > job.MostSegments/t.Segments {
		return "its numbers are out of range"
	}
	if !isUUID(t.Run.ID) {
		return "the run's id is not a UUID"
	}
	if t.Copy != nil && t.Copy.Destination.S3 != nil && !store.IsExport(*t.Copy.Destination.S3, t.Export) {
		return "its export is not at the destination"
	}
	return ""
}
