// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// plan is a copy that is ready to run.
type plan struct {
	ends
	// choice is the method and why it is that one.
	choice job.Choice
	method method
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
}

// prepare opens the two ends of the copy and finds what is wrong. begun has what is not in the job. The cheapest checks come
// first, and an end that cannot be opened does not keep the other from being looked at.
func prepare(ctx context.Context, e *tables.Env, j job.Copy, begun plan) (*plan, problem.List) {
	r, found := &begun, problem.List{}
	r.job = j
	inFilter := tables.CheckFilter(j.Filter)
	found.Add(inFilter...)
	if len(j.Transform) > 0 {
		program, wrong := transform.Compile(j.Transform, j.TransformOptions)
		r.transform = program
		found.Add(wrong...)
	}
	found.Add(j.CheckDistributed(r.transform)...)
	if j.Source.Table != "" {
		if opened, p := tables.Open(ctx, e, j.SourceRef()); !r.meetsUnfinished(ctx, e, j.SourceRef(), p, &found) {
			found.Add(p)
			r.source = opened
		}
	}
	r.choice = r.choose(ctx)
	r.job.Method, r.method = r.choice.Method, methods[r.choice.Method]
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
	if r.source != nil {
		unreadable := r.checkIndex()
		found.Add(unreadable...)
		// A method that does not scan needs no permission to.
		if j.Filter != nil && problem.List(unreadable).FirstError() == nil && len(inFilter) == 0 && r.method.scans() {
			found.Add(tables.Probe(ctx, r.source, j.Scan()))
		}
	}
	if r.destination != nil {
		found.Add(r.checkTables()...)
	}
	found.Add(r.job.CheckCreation()...)
	found.Add(r.checkFiles()...)
	found.Add(r.job.CheckChoices()...)
	found.Add(r.openS3(ctx, e)...)
	found.Add(r.checkLines(ctx, e))
	if found.FirstError() == nil {
		found.Add(r.checkCollisions()...)
	}
	found.Add(j.RefuseUnused()...)
	if !j.ChoosesItself() {
		found.Add(r.job.Refuse()...)
		found.Add(r.method.check(ctx, e, r)...)
	}
	limits, wrong := tables.LimitsOf(j.Throughput, r.source, j.Source.Index, r.destination)
	r.limits = limits
	found.Add(wrong...)
	return r, found
}
