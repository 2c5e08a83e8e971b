// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// plan is a copy whose two sides have been looked at. A side that is a file, in S3 or not known has no table.
type plan struct {
	source, destination *tables.Table
	// choice is how the job is done.
	choice job.Choice
	// share is the share of the source that is copied, nil for all of it.
	share *job.Share
	// exported is the key of the table that the source is an export of, nil if that is not known.
	exported []item.KeyAttribute
	// own are the names of the journal's records that the run has taken, or would take.
	own []string
	// creation makes the destination, which is planned until then; nil for one that is there.
	creation *newtable.Creation
	// replaced is the recreate of a destination that a restore replaces; nil for any other.
	replaced *recreate.Plan
	// unfinished is a recreate of one of the two tables that has to be finished first, by another run; nil if there is none.
	unfinished *problem.Problem
	// finish is what the creation does when the items are there; nil for none.
	finish func(context.Context) error
	// objects is the source in S3, and bucket reaches the destination there; nil for none.
	objects *store.S3Source
	bucket  *s3.Client
	// given are the attributes that every item of the source is sure to have, with their types.
	given  []item.KeyAttribute
	limits tables.Limits
	// transform is what changes the items, nil for nothing.
	transform *transform.Program
	// distinct is the definition of the source if all of its items are known to have different keys at the destination, or else nil.
	distinct []byte
}

// prepare opens the two sides and finds what is wrong. The copy that is given has what is not in the job. The cheapest checks come first, and a side that cannot be
// opened does not keep the other from being looked at.
func prepare(ctx context.Context, e *tables.Env, j job.Copy, ready plan) (*plan, problem.List) {
	var found problem.List
	source := j.SourceRef()
	destination := j.DestinationRef()
	inFilter := tables.CheckFilter(j.Filter)
	found.Add(inFilter...)
	if len(j.Transform) > 0 {
		program, wrong := transform.Compile(j.Transform, j.TransformOptions)
		ready.transform = program
		found.Add(wrong...)
	}
	found.Add(j.CheckDistributed(ready.transform)...)
	if j.Source.Table != "" {
		if opened, p := tables.Open(ctx, e, source); !meetsUnfinished(ctx, e, j, source, p, &ready, &found) {
			found.Add(p)
			ready.source = opened
		}
	}
	ready.choice = ready.choose(ctx, j)
	given := j
	j.Method = ready.choice.Method
	if j.Destination.Table != "" {
		if p := tables.CheckProtected(e, destination); p != nil {
			found.Add(p)
		} else {
			openDestination(ctx, e, j, destination, &ready, &found)
		}
	}
	if ready.source != nil {
		unreadable := ready.checkIndex(j)
		found.Add(unreadable...)
		if j.Filter != nil && problem.List(unreadable).FirstError() == nil && len(inFilter) == 0 && !j.Exports() && !j.Restores() { // Who exports needs no permission to scan.
			found.Add(tables.Probe(ctx, ready.source, j.Scan()))
		}
	}
	if ready.destination != nil {
		found.Add(ready.checkTables(j)...)
	}
	found.Add(j.CheckCreation()...)
	found.Add(checkFiles(j)...)
	found.Add(j.CheckChoices()...)
	found.Add(ready.openS3(ctx, e, j)...)
	found.Add(ready.checkLines(ctx, e, j))
	if found.FirstError() == nil {
		found.Add(ready.checkCollisions(j)...)
	}
	found.Add(ready.checkExport(ctx, e, given)...)
	found.Add(ready.checkRestore(ctx, e, j)...)
	limits, problems := tables.LimitsOf(j.Throughput, ready.source, j.Source.Index, ready.destination)
	ready.limits = limits
	found.Add(problems...)
	return &ready, found
}
