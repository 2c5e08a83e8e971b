// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// recreates drops the table and creates it again.
type recreates struct{}

// check finds nothing: the plan of the recreate has found what it needs.
func (recreates) check(context.Context, *plan) *problem.Problem { return nil }

func (recreates) estimate(_ *plan, cost *estimate.Estimate) { cost.Seconds = estimate.RecreateSeconds }

func (recreates) record(_ context.Context, r *plan) (string, error) {
	return records.RecreateName(r.table.Identity()), nil
}

func (recreates) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	return recreate.Run(ctx, e, r.job, r.recreation, observer)
}

// dropWarning announces that the run drops the table, or may drop it if that is not decided yet. Terraform plans again
// before it applies and shows the warning again, so it has to be true then too.
func (r *plan) dropWarning() *problem.Problem {
	j := r.job
	var p *problem.Problem
	switch undecided := j.Table == "" || j.MethodLater || r.unfinished != nil; {
	case j.KeepsTable():
		return nil
	case undecided:
		p = j.Ref().Problem("table", "Table May Be Dropped And Recreated")
		p.Cause = "The run drops the table and recreates it with the same settings, if nothing stands in the way. What " +
			"decides that is not known before the apply."
		if r.resumes {
			p.Cause = "The run drops the table and recreates it once more, if others have written to it since the recreate " +
				"was interrupted."
		} else if r.unfinished != nil {
			p.Cause += " The recreate that was interrupted is finished before."
		}
	case r.recreation == nil || r.table == nil: // One that resumes has a remark of its own.
		return nil
	default:
		p = r.table.About("table", "Table Is Dropped And Recreated")
		p.Cause = "The run drops the table and recreates it with the same settings. Its ID changes"
		if r.recreation.State.Snapshot.PointInTimeRecovery() {
			p.Cause += ", and the history of its point-in-time recovery starts again"
		}
		p.Cause += "."
	}
	p.Warning = true
	p.Next = "To keep the table and delete its items, use method = \"delete_items\"."
	return p
}

// refuseReplicas refuses an allowance that no recreate can use.
func (r *plan) refuseReplicas() *problem.Problem {
	if !slices.Contains(r.job.Allow, steps.AllowReplicas) {
		return nil
	}
	return &problem.Problem{
		Summary: "Replicas Cannot Be Recreated", Attribute: "allow",
		Cause: "AWS deletes the replicas of a global table one by one, keeps the Region that they were made from for 24 " +
			"hours, and each replica has settings of its own there. So a table with replicas is not recreated, whatever " +
			"allow says.",
		Next: "Leave \"replicas\" out. For a table with replicas use method = \"delete_items\", which empties all of them.",
	}
}
