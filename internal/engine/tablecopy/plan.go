// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tablecopy/ends"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// plan is a copy that is ready to run.
type plan struct {
	ends.Ends
	// choice is the method and the reason for it.
	choice job.Choice
	method method
	// own are the names of the records that the run has taken, or would take.
	own []string
	// creation creates the destination, which is planned until then; nil for a table that exists.
	creation *newtable.Creation
	// replaced is the recreate of a destination that a restore replaces; nil otherwise.
	replaced *recreate.Plan
	// unfinished says that another run has to finish a recreate of one of the tables first; nil if there is none.
	unfinished *problem.Problem
	// finish is what the creation does once the items are written; nil if there is nothing to do.
	finish func(context.Context) error
}

// prepare opens the two ends of the copy and finds what is wrong. begun has what is not part of the job. The cheapest
// checks come first. An end that cannot be opened does not keep the other from being checked.
func prepare(ctx context.Context, e *tables.Env, j job.Copy, begun plan) (*plan, problem.List) {
	r, found := &begun, problem.List{}
	r.Job = j
	inFilter := tables.CheckFilter(j.Filter)
	found.Add(inFilter...)
	if len(j.Transform) > 0 {
		program, wrong := transform.Compile(j.Transform, j.TransformOptions)
		r.Transform = program
		found.Add(wrong...)
	}
	found.Add(j.CheckDistributed(r.Transform)...)
	if j.Source.Table != "" {
		if opened, p := tables.Open(ctx, e, j.SourceRef()); !r.meetsUnfinished(ctx, e, j.SourceRef(), p, &found) {
			found.Add(p)
			r.Source = opened
		}
	}
	r.choice = r.Choose(ctx)
	r.Job.Method, r.method = r.choice.Method, methods[r.choice.Method]
	if r.method == nil {
		found.Add(job.UnknownMethod(r.choice.Method))
		return r, found
	}
	if j.Destination.Table != "" {
		if p := tables.CheckProtected(e, j.DestinationRef()); p != nil {
			found.Add(p)
		} else {
			r.openDestination(ctx, e, &found)
		}
	}
	if r.Source != nil {
		unreadable := r.CheckIndex()
		found.Add(unreadable...)
		// A method that does not scan needs no permission to scan.
		if j.Filter != nil && problem.List(unreadable).FirstError() == nil && len(inFilter) == 0 && r.method.scans() {
			found.Add(tables.Probe(ctx, r.Source, j.Scan()))
		}
	}
	if r.Destination != nil {
		found.Add(r.CheckTables()...)
	}
	found.Add(r.Job.CheckCreation()...)
	found.Add(r.CheckFiles()...)
	found.Add(r.Job.CheckChoices()...)
	found.Add(r.OpenS3(ctx, e)...)
	found.Add(r.CheckLines(ctx, e))
	if found.FirstError() == nil {
		found.Add(r.CheckCollisions()...)
	}
	found.Add(j.RefuseUnused()...)
	if !j.ChoosesItself() {
		found.Add(r.Job.Refuse()...)
		found.Add(r.method.check(ctx, e, r)...)
	}
	limits, wrong := tables.LimitsOf(j.Throughput, r.Source, j.Source.Index, r.Destination)
	r.Limits = limits
	found.Add(wrong...)
	return r, found
}
