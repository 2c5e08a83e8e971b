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
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// Movement is a run that is ready to start.
type Movement struct {
	// Kind is "copy" or "purge".
	Kind string
	// From and to are the two sides in words; a purge has only the second.
	From, To string
	// Inputs is the argument that says what a copy reads, outputs the one that says what it writes where that is not a
	// table.
	Inputs, Outputs string
	// Advice says what can be done about an item that cannot be written.
	Advice string
	Source store.Source
	// Transformed is the source too if a transform changes its items.
	Transformed *store.Transformed
	Sink        store.Sink
	// Segments is how many parts the source is read in, writers how many requests write at once.
	Segments int
	Writers  job.Pool
	Limits   tables.Limits
	// Estimate is about how many items the source holds.
	Estimate int64
	// Reads and writes are the tables in use, nil where a file is; attribute names the one written.
	Reads, Writes *tables.Table
	Attribute     string
	// Rescan reads the source from its beginning also when the run goes on: what has been done is gone from it.
	Rescan bool
	// SkipRefused writes items that DynamoDB refuses for good to a file and goes on; without it they end the run.
	SkipRefused bool
	// Conflict is what happens to an item whose key is taken, empty where it is replaced, and in a purge.
	Conflict string
	// Verify looks at the destination once the items are there; nil if nobody asks.
	Verify *verify.Verification
	// Finish does what is left to do when the items are there and verified; nil for nothing. It may be done again.
	Finish func(context.Context) error
	// Own are the names of the records of the run that the movement is a part of; none if it is the run.
	Own []string
	// Triggers are part of what makes two runs the same.
	Triggers map[string]string
	// Share is the share of the source that is moved, nil for all of it.
	Share *job.Share
	// Keys finds items with one key; nil where none can have one.
	Keys *verify.Keys
	// Spread reports whether a Spark job does the run. samePlace then reports whether the run's settings still have the
	// place of an earlier job, where what its tasks have done is written down.
	Spread    bool
	SamePlace func(records.SparkJob) (bool, error)
}

// inUse begins the problem that somebody else does this very run.
func (m Movement) inUse() *problem.Problem {
	if m.Writes == nil {
		return &problem.Problem{Summary: "Destination Is In Use By Another Run", Attribute: m.Outputs}
	}
	return attempt.InUse(m.Writes.Identity(), m.Attribute)
}

// throttled counts the throttled requests of both sides.
func (m Movement) throttled() int64 {
	sum := int64(0)
	for _, t := range []*tables.Table{m.Reads, m.Writes} {
		if t != nil {
			sum += t.Throttled()
		}
	}
	return sum
}

// Records are the names of the run's own records. That of an earlier attempt which the run does not go on from may name
// a Spark job that still runs, so it counts as another run's then.
func (m Movement) Records(log *Log) []string {
	if !log.resumed {
		return m.Own
	}
	return append(slices.Clip(m.Own), log.Name)
}

// of is the name of the record of the copy by way of an export that the movement is a part of, empty for none.
func (m Movement) of() string {
	at := slices.IndexFunc(m.Own, func(name string) bool { return journal.KindOf(name) == journal.KindExport })
	if at < 0 {
		return ""
	}
	return m.Own[at]
}

// change is what the movement does to the table that it writes.
func (m Movement) change() records.Change {
	return records.Change{Table: m.Writes, Adds: m.Kind == attempt.KindCopy}
}

// Name is the same for the same run: what is read, what is written, how, and the triggers.
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
