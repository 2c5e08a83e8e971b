// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// dropWarning announces that the run drops the table, or that it may where that is not decided yet. Terraform shows it once more after
// the apply, which plans again what it applies, so it has to be true then too.
func dropWarning(j job.Purge, ready *plan) *problem.Problem {
	var p *problem.Problem
	switch undecided := j.Table == "" || j.MethodLater || ready.unfinished != nil; {
	case j.KeepsTable():
		return nil
	case undecided:
		p = j.Ref().Problem("table", "Table May Be Dropped And Recreated")
		p.Cause = "The run drops the table and recreates it with the same settings, if nothing stands in the way. What decides that is not known before the apply."
		if ready.resumes {
			p.Cause = "The run drops the table and recreates it once more, if others have written to it since the recreate was interrupted."
		} else if ready.unfinished != nil {
			p.Cause += " The recreate that was interrupted is finished before."
		}
	case ready.recreation == nil || ready.Table == nil: // One that resumes has a remark of its own.
		return nil
	default:
		p = ready.Table.About("table", "Table Is Dropped And Recreated")
		p.Cause = "The run drops the table and recreates it with the same settings. Its ID changes"
		if ready.recreation.State.Snapshot.PointInTimeRecovery() {
			p.Cause += ", and the history of its point-in-time recovery starts again"
		}
		p.Cause += "."
	}
	p.Warning = true
	p.Next = "To keep the table and delete its items, use method = \"delete_items\"."
	return p
}

func replicasStay() *problem.Problem {
	return &problem.Problem{
		Summary: "Replicas Cannot Be Recreated", Attribute: "allow",
		Cause: "AWS deletes the replicas of a global table one by one, keeps the Region that they were made from for 24 hours, and each replica has settings of its own there. So a table with replicas is not recreated, whatever allow says.",
		Next:  "Leave \"replicas\" out. For a table with replicas use method = \"delete_items\", which empties all of them.",
	}
}

func filterNeedsItems() *problem.Problem {
	return &problem.Problem{
		Summary: "Filter And Recreate", Attribute: "filter", Cause: "A table that is recreated loses all items, whatever a filter says.",
		Next: "Leave the filter out, or use method = \"delete_items\".",
	}
}
