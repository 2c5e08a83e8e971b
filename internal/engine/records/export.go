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

// tokenLife is how long a client token is valid, less an hour: DynamoDB forgets it after eight.
const tokenLife = 7 * time.Hour

// Operation is a long operation that AWS does for a run. The journal has its token before it starts, and its ARN before
// it is awaited.
type Operation struct {
	Token, ARN string
	// SentAt is when it was first requested, zero if it was not.
	SentAt time.Time
}

// Begun reports whether AWS was asked to start it.
func (o Operation) Begun() bool { return o.ARN != "" || !o.SentAt.IsZero() }

// Forgotten reports whether AWS has forgotten the token, so that an operation started with it cannot be found.
func (o Operation) Forgotten(now time.Time) bool { return o.ARN == "" && now.Sub(o.SentAt) > tokenLife }

// ExportRun is the record of a copy by way of an export.
type ExportRun struct {
	Run
	Export Operation
	// Load is the import or the bulk operation, zero before there is one.
	Load Operation
	// At is the point in time of the export, zero for the time of its start.
	At time.Time `json:",omitzero"`
}

// imports reports whether ImportTable creates the destination, which has no ID yet.
func (r *ExportRun) imports() bool { return !strings.Contains(r.Writes, "#") }

// Good reports whether the operations can be resumed: a load that an attempt awaited within a day, or an export that
// was started within a day.
func (r ExportRun) Good(now time.Time) bool {
	if r.Load.ARN != "" {
		return now.Sub(r.UpdatedAt) < attempt.ResumeWindow
	}
	return !r.Export.Forgotten(now) && now.Sub(r.Export.SentAt) < attempt.ResumeWindow
}

// outdated has the copy export again if its source changes, unless the export is of a time in the past, and load again
// if its destination changes.
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

// inTheWay finds the bulk operation of the copy.
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

// Foreign returns what in the record no copy by export can have written, empty if there is nothing. The operations that
// it names are checked when they are awaited.
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
