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

// outdated has a run that moves items begin from the start. A purge adds no item that another purge would have to find.
func (r *Run) outdated(name string, c Change) (rest any, means string, ok bool) {
	if !c.concerns(r.Reads) && !c.concerns(r.Writes) || !c.Adds && r.Kind != attempt.KindCopy {
		return nil, "", false
	}
	if r.Writes == "" {
		rest = r.FromTheStart(name)
	}
	return rest, "It begins from the start the next time that it is applied.", true
}

// FromTheStart is the record of a copy to S3 that begins from the start, which still has to remove what it has written
// so far. Its tasks on a cluster keep their progress under its id.
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

// inTheWay finds the Spark job of a run that is spread over machines.
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

// stillRuns completes the problem that the run's Spark job runs, or may run; nil if it does not.
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

// Run is what the journal keeps of a run that is not complete. It is stored as JSON, so its field names are a format,
// and a time.Duration is a number of nanoseconds.
type Run struct {
	attempt.Progress
	// Reads and Writes identify the tables, which others of the same names do not share.
	Reads, Writes string
	// Segments is how many parts the source is read in.
	Segments int
	// WasEmpty reports whether the destination held nothing when the first attempt began; only known of a run that
	// verifies.
	WasEmpty bool `json:",omitempty"`
	// MayDiffer is how many skipped items differed from those at the destination when a verification failed first; nil
	// before that. What differs since then was not there before the run.
	MayDiffer *int64 `json:",omitempty"`
	// Checkpoint.Ledger counts the items that a later attempt need not read again, Ledger all so far.
	Checkpoint flow.Checkpoint
	// Done marks a segment that is complete. The record of a whole run is removed when that is.
	Done bool `json:",omitempty"`
	// Export is the prefix of the export in S3 that the run makes, Files what a segment has written of it. Left are the
	// prefixes of those that earlier attempts have begun and nobody completes.
	Export string         `json:",omitempty"`
	Files  []store.S3File `json:",omitempty"`
	Left   []string       `json:",omitempty"`
	// Of is the name of the record of the run that this one is a part of, empty for none.
	Of string `json:",omitempty"`
	// Job is the Spark job of a run that is spread over machines.
	Job *SparkJob `json:",omitempty"`
}

// Usable reports whether a segment's record is one that a task of the run has left: what is not is as if it was not
// there, so that the segment is done.
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

// Counts reports whether the ledger may be one of a run: nothing is counted below zero.
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

// Within reports whether the checkpoint is one of a source that is read in so many parts.
func Within(c flow.Checkpoint, parts int) bool {
	for _, part := range c.Segments {
		if part.Number < 0 || part.Number >= parts {
			return false
		}
	}
	return true
}
