// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"context"
	"fmt"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// outdated has a run that moves items begin from the start. A purge adds no items that another purge would have to
// find.
func (r *Run) outdated(name string, c Change) (rest any, means string, ok bool) {
	if !c.concerns(r.Reads) && !c.concerns(r.Writes) || !c.Adds && r.Kind != attempt.KindCopy {
		return nil, "", false
	}
	if r.Writes == "" {
		rest = r.FromTheStart(name)
	}
	return rest, "It begins from the start the next time that it is applied.", true
}

// FromTheStart returns the record of a copy to S3 that begins from the start, and still has to remove what it has
// written. The progress of its tasks on a cluster is filed under its ID.
func (r *Run) FromTheStart(name string) Run {
	left := r.Left
	if r.Export != "" {
		left = append(left, r.Export)
	}
	header := r.Header
	header.Phase = ""
	return Run{
		Progress: attempt.Progress{Header: header, ID: journal.NewID(name), StartedAt: r.StartedAt},
		Reads:    r.Reads,
		Left:     left,
	}
}

// inTheWay finds the Spark job of the run.
func (r *Run) inTheWay(ctx context.Context, e *tables.Env, name string, reads, writes Use) *problem.Problem {
	switch {
	case r.Job == nil || !r.Job.Open:
	case writes.is(r.Writes), writes.is(r.Reads):
		return r.stillRuns(ctx, e, name, attempt.InUse(writes.Identity, writes.Attribute))
	case reads.is(r.Writes):
		return r.stillRuns(ctx, e, name, attempt.InUse(reads.Identity, reads.Attribute))
	}
	return nil
}

// stillRuns completes the problem that the run's Spark job runs, or may run; it returns nil if it does not.
func (r *Run) stillRuns(ctx context.Context, e *tables.Env, record string, p *problem.Problem) *problem.Problem {
	if why := r.foreignJob(record); why != "" {
		return attempt.Refused(e, record, why)
	}
	p.Next = "Wait until that job has ended, or cancel it, then apply again. An apply of the other run, as it was, " +
		"finds the job and waits for it."
	name := r.Job.Token(r.ID)
	if r.Job.Handle.ID == "" {
		p.Cause = fmt.Sprintf("A %s of another run that uses this table may have started the Spark job %s: it was "+
			"interrupted before AWS answered.", r.Kind, name)
		return p
	}
	launcher, err := tables.Launcher(ctx, e, r.Job.Launcher)
	if err != nil {
		return explain.Error(ctx, err)
	}
	p.Cause = fmt.Sprintf(
		"The Spark job %s of another run, a %s that uses this table, is running: %s.",
		name,
		r.Kind,
		launcher.Logs(r.Job.Handle),
	)
	switch status, err := launcher.Poll(ctx, r.Job.Handle); {
	case err != nil:
		p.Cause, p.Err = strings.Replace(p.Cause, "is running", "may be running", 1), err
	case status.State != spark.Running:
		return nil
	}
	return p
}

// Run is the record of a run that is not complete. Its JSON is a format: field names are part of it, and a
// time.Duration is a number of nanoseconds.
type Run struct {
	attempt.Progress
	// Reads and Writes identify the tables. Other tables of the same names have other identities.
	Reads, Writes string
	// Segments is how many segments the source is read in.
	Segments int
	// WasEmpty reports whether the destination was empty when the first attempt began. It is known only for a run that
	// verifies.
	WasEmpty bool `json:",omitempty"`
	// MayDiffer is how many skipped items differed from those at the destination when a verification first failed; nil
	// before that. Items that differ since then were not there before the run.
	MayDiffer *int64 `json:",omitempty"`
	// Checkpoint.Ledger counts the items that a later attempt need not read again. Ledger counts all so far.
	Checkpoint flow.Checkpoint
	// Done marks the record of a task that is complete. The record of a whole run is removed instead.
	Done bool `json:",omitempty"`
	// Export is the prefix of the export in S3 that the run makes. Files is what a task has written of it. Left are the
	// prefixes of exports that earlier attempts began and that no attempt will complete.
	Export string         `json:",omitempty"`
	Files  []store.S3File `json:",omitempty"`
	Left   []string       `json:",omitempty"`
	// Of is the name of the record of the run that this one is a part of, empty if it is not a part.
	Of string `json:",omitempty"`
	// Job is the Spark job of the run, nil if it has none.
	Job *SparkJob `json:",omitempty"`
}

// Usable reports whether a task of the run wrote the record. Any other record is ignored, so that the task is done
// again.
func (r *Run) Usable(run Run) bool {
	return r.ID == run.ID && r.Kind == run.Kind && r.Reads == run.Reads && r.Writes == run.Writes && Counts(r.Ledger) &&
		r.Throttled >= 0 &&
		Below(r.Files, run.Export)
}

// Below reports whether all files are data files of the export.
func Below(files []store.S3File, export string) bool {
	for _, file := range files {
		if !store.IsDataFile(export, file.DataFileS3Key) || file.ItemCount < 0 {
			return false
		}
	}
	return true
}

// Counts reports whether the ledger is plausible: no count is negative.
func Counts(l flow.Ledger) bool {
	return min(
		l.Scanned,
		l.Filtered,
		l.Dropped,
		l.Written,
		l.Skipped,
		l.Failed,
		l.SkippedDifferent,
		l.BytesWritten,
		l.Unprocessed,
	) >= 0 &&
		min(l.ReadUnits, l.WriteUnits) >= 0
}

// Within reports whether the checkpoint fits a source with that many segments.
func Within(c flow.Checkpoint, parts int) bool {
	for _, part := range c.Segments {
		if part.Number < 0 || part.Number >= parts {
			return false
		}
	}
	return true
}
