// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/lock"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// Movement is a run that is ready to start: what it reads and writes, and how.
type Movement struct {
	// Kind is "copy" or "purge".
	Kind string
	// From and To name the two ends in words. A purge has only the second.
	From, To string
	// Inputs is the argument that names what a copy reads. Outputs is the argument that names what it writes, if that is
	// not a table.
	Inputs, Outputs string
	// Advice says what to do about an item that cannot be written.
	Advice string
	Source store.Source
	// Transformed is the same as Source if a transform changes the items, and nil otherwise.
	Transformed *store.Transformed
	Sink        store.Sink
	// Segments is how many segments the source is read in. Writers is how many requests write at once.
	Segments int
	Writers  job.Pool
	Limits   tables.Limits
	// Estimate is about how many items the source holds, 0 if that is not known.
	Estimate int64
	// Reads and Writes are the tables in use, nil for an end that is not a table. Attribute is the argument that names the
	// table that is written.
	Reads, Writes *tables.Table
	Attribute     string
	// Rescan has a resumed run read its source from the beginning: the items that are done are not there any more.
	Rescan bool
	// SkipRefused sets items aside that DynamoDB refuses for good. Without it, such an item ends the run.
	SkipRefused bool
	// Conflict is what happens to an item whose key is taken. It is empty if the item is replaced, and in a purge.
	Conflict string
	// Verify compares the destination when all items are written; nil for a run without verification.
	Verify *verify.Verification
	// Finish does the rest once the items are written and verified; nil if there is nothing to do. It may be called again
	// by a later attempt.
	Finish func(context.Context) error
	// Own are the names of the records of the larger run that this movement is a part of, if it is a part.
	Own []string
	// Triggers distinguish two runs that are otherwise the same.
	Triggers map[string]string
	// Share is the share of the source that a task moves; nil for the whole source.
	Share *job.Share
	// Keys finds items that get the same key; nil if there cannot be any.
	Keys *verify.Keys
	// Spread reports whether a Spark job does the run. SamePlace then reports whether the configuration still names the
	// place of an earlier job, where the progress of its tasks is.
	Spread    bool
	SamePlace func(records.SparkJob) (bool, error)
}

// inUse begins the problem that another process does this same run.
func (m Movement) inUse() *problem.Problem {
	if m.Writes == nil {
		return &problem.Problem{Summary: "Destination Is In Use By Another Run", Attribute: m.Outputs}
	}
	return attempt.InUse(m.Writes.Identity(), m.Attribute)
}

// throttled returns how many requests were throttled at both ends.
func (m Movement) throttled() int64 {
	sum := int64(0)
	for _, t := range []*tables.Table{m.Reads, m.Writes} {
		if t != nil {
			sum += t.Throttled()
		}
	}
	return sum
}

// Lock locks the tables of the run, and refuses them if AWS still works on them for another one.
func (m Movement) Lock(ctx context.Context, e *tables.Env, log *Log) (*lock.Locks, *problem.Problem) {
	reads, writes := records.UseOf(m.Reads, job.SourceTable), records.UseOf(m.Writes, m.Attribute)
	return records.Lock(ctx, e, reads, writes, m.records(log)...)
}

// records returns the names of the run's own records. If this attempt does not resume an earlier one, the earlier
// record may name a Spark job that still runs. It then counts as another run's.
func (m Movement) records(log *Log) []string {
	if !log.resumed {
		return m.Own
	}
	return append(slices.Clip(m.Own), log.Name)
}

// of returns the name of the record of the copy by export that the movement is a part of, empty if it is not a part.
func (m Movement) of() string {
	at := slices.IndexFunc(m.Own, func(name string) bool { return journal.KindOf(name) == journal.KindExport })
	if at < 0 {
		return ""
	}
	return m.Own[at]
}

// change returns what the movement does to the table that it writes.
func (m Movement) change() records.Change {
	return records.Change{Table: m.Writes, Adds: m.Kind == attempt.KindCopy}
}

// Name returns the name of the run's record. It follows from what is read, what is written, how, and the triggers, so
// that the next apply of the same run finds the record.
func (m Movement) Name() string {
	if m.Share != nil {
		return journal.SegmentName(m.Share.Number)
	}
	parts := []any{
		m.Kind,
		m.Reads.ARN(),
		string(m.Source.Definition()),
		m.Writes.ARN(),
		m.Attribute,
		m.Conflict,
		m.Verify.Level(),
		m.Triggers,
	}
	switch {
	case m.Spread:
		parts = append(parts, job.MethodEMR, m.To) // Another method keeps other records.
	case m.Writes == nil:
		parts = append(parts, m.To)
	}
	if reads, writes := m.Reads.Identity().Region, m.Writes.Identity().Region; reads+writes != "" {
		parts = append(parts, reads, writes) // On DynamoDB Local the ARNs do not tell.
	}
	definition, err := json.Marshal(parts)
	if err != nil {
		panic(err) // Texts have always a JSON form.
	}
	if m.Kind == attempt.KindPurge {
		return journal.PurgeName(definition)
	}
	return journal.CopyName(definition)
}
