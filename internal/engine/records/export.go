// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// tokenLife is how long a client token is good for, less an hour: DynamoDB forgets it after eight.
const tokenLife = 7 * time.Hour

// Operation is one that AWS does for a run. The token is in the journal before the operation is started, the ARN before
// it is waited for.
type Operation struct {
	Token, ARN string
	// SentAt is when it was first asked for; zero if it was not.
	SentAt time.Time
}

// Begun reports whether AWS was asked for it, and may have begun.
func (o Operation) Begun() bool { return o.ARN != "" || !o.SentAt.IsZero() }

// Forgotten reports whether AWS does not know the token any more, so that what was started with it, if anything was,
// cannot be found by it.
func (o Operation) Forgotten(now time.Time) bool { return o.ARN == "" && now.Sub(o.SentAt) > tokenLife }

// ExportRun is what the journal keeps of a copy by way of an export.
type ExportRun struct {
	Run
	Export Operation
	// Load is the import or the bulk operation, empty if there is none yet.
	Load Operation
	// At is the time of which the export is, zero for that of its start.
	At time.Time `json:",omitzero"`
}

// imports reports whether the destination is a table that ImportTable makes: it has no id yet.
func (r *ExportRun) imports() bool { return !strings.Contains(r.Writes, "#") }

// Good reports whether what was started can be resumed: a load that somebody has waited for within a day, or an export
// that was begun within a day.
func (r ExportRun) Good(now time.Time) bool {
	if r.Load.ARN != "" {
		return now.Sub(r.UpdatedAt) < attempt.ResumeWindow
	}
	return !r.Export.Forgotten(now) && now.Sub(r.Export.SentAt) < attempt.ResumeWindow
}

// outdated has a copy by way of an export export again what has changed at its source, unless it is of a time in the
// past, and load again what has changed at its destination.
func (r *ExportRun) outdated(_ string, c Change) (rest any, means string, ok bool) {
	switch {
	case c.concerns(r.Reads) && r.At.IsZero():
		means = "It exports once more the next time that it is applied."
		if r.Export.ARN != "" {
			means += " Its export " + r.Export.ARN + " stays in S3: delete it if it is not needed."
		}
		return nil, means, true
	case r.Load.Begun() && (c.concerns(r.Writes) || r.imports() && r.Writes == c.Table.ARN()):
		again := *r
		again.Load = Operation{}
		return again, "It loads its export once more the next time that it is applied.", true
	}
	return nil, "", false
}

// inTheWay finds the bulk operation of a copy by way of an export.
func (r *ExportRun) inTheWay(ctx context.Context, _ *tables.Env, _ string, reads, writes Use) *problem.Problem {
	if !r.Load.Begun() || r.imports() {
		return nil
	}
	at := writes
	switch {
	case writes.is(r.Writes):
	case reads.is(r.Writes):
		at = reads
	default:
		return nil
	}
	load, runs, err := r.Load.ARN, false, error(nil)
	if load != "" {
		runs, err = managed.BulkPutRuns(ctx, at.Client, load)
	} else { // The run was interrupted before AWS answered.
		var under []string
		if under, err = managed.BulkPutsUnderWay(ctx, at.Client, at.ARN); len(under) > 0 {
			load, runs = under[0], true
		}
	}
	if !runs && err == nil {
		return nil
	}
	p := bulkPutUnderWay(at, load)
	p.Cause = fmt.Sprintf("DynamoDB is loading items into this table with %s, which a copy of %s to %s has started. "+
		"That copy was interrupted, and DynamoDB continues.", operationName(load), r.From, r.To)
	p.Next += " An apply of that copy, as it was, waits for it."
	if err != nil {
		p.Cause, p.Err = strings.Replace(p.Cause, "is loading", "may be loading", 1), err
	}
	return p
}

// Foreign returns what the record of that name holds and no copy by way of an export can have left, empty for nothing.
// The export and the load that it names are looked at besides, when they are waited for.
func (r *ExportRun) Foreign(name string, now time.Time) (why string) {
	late := now.Add(explain.ClockSkew)
	switch {
	case !journal.IsID(r.ID, name),
		!journal.IsID(r.Export.Token, name),
		r.Load.Token != "" && !journal.IsID(r.Load.Token, name):
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
