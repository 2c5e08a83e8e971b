// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package recreate

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// ExplainEnded makes the problem one of an operation that AWS has ended. The error is all that is known about the
// cause.
func ExplainEnded(p *problem.Problem, failed *managed.FailedError) {
	p.Summary, p.Cause, p.Next, p.Err = "Restore Failed", failed.Error()+".", "Remove the cause, then apply again, "+
		"which restores again.", nil
	switch {
	case failed.Operation == "CreateBackup":
		p.Summary, p.Next = "Backup Failed", "Apply again, which makes another backup."
	case failed.Table != "":
		p.Next = "Remove the cause, such as a KMS key that cannot be used, or delete the table; then apply again, which " +
			"resumes with it, or restores again."
	}
}

// recreateProblem explains why a recreate stopped, and what it left.
func recreateProblem(ctx context.Context, r job.Ref, state *steps.State, err error) *problem.Problem {
	p := explain.Error(ctx, err)
	stopped, ok := errors.AsType[*steps.StepError](err)
	if ok && (stopped.Complete || stopped.OfJournal()) || errors.Is(err, journal.ErrTaken) {
		p = attempt.Explain(ctx, err)
	}
	if failed, ok := errors.AsType[*managed.FailedError](err); ok {
		ExplainEnded(p, failed)
	}
	p.Attribute = r.Prefix + r.Attribute
	p.Table = state.Snapshot.Table.Name
	p.Account, p.Region = state.Snapshot.Table.Where()
	if ok {
		p.Counts = fmt.Sprintf("The recreate stopped at the step %q.", stopped.Step)
	}
	var different *settings.DifferenceError
	switch {
	case ok && stopped.Complete:
		p.Cause = "The table was recreated and has all of its settings. Only the record " +
			records.RecreateName(state.Snapshot.Table) + " could not be removed from the journal. " + p.Cause
		p.Next += " Then apply again: the next run finds the table complete, and removes the record."
	case errors.Is(err, journal.ErrTaken) && state.Dropped():
		p.Cause = "The table was dropped, and this run has not completed it. " + p.Cause
	case errors.Is(err, steps.ErrChanged) && errors.As(err, &different):
		p.Summary = "Settings Changed Meanwhile"
		p.Cause = "The table was not dropped, because somebody has changed settings of it since this run began."
		p.Next = "See the list below; then apply again, which takes the table as it is."
		p.Err = different
	case errors.As(err, &different):
		p.Summary = "Settings Differ After Recreate"
		p.Cause = "The table was recreated, but not all of its settings are what they were."
		p.Next = "Compare with the list below and set them; or apply again, which tries to put them back once " +
			"more." + leaveIt(state)
		p.Err = different
	case errors.Is(err, steps.ErrOtherTable):
		p.Summary = "Another Table Has The Name"
		p.Cause = "The table was deleted and created by somebody else after this run had read it. Nothing of the new one " +
			"was changed."
		p.Next = "Find out who did; then apply again."
		if state.Dropped() {
			p.Next = "Find out who did. The settings of the former table are in the journal, in the record " +
				records.RecreateName(state.Snapshot.Table) + ". To have them, delete the new table and apply again; to keep the new table, delete the record."
		}
		p.Err = nil
	case state.Dropped():
		p.Next = "Apply again: all that is needed to create it is in the journal, and the next run resumes there. Until " +
			"then, neither delete the journal nor create the table by other means. " + p.Next
		if ok && stopped.PuttingBack() && ctx.Err() == nil {
			p.Cause = "The table was recreated, and lacks the settings that the original error names. " + p.Cause
			p.Next += leaveIt(state)
		} else {
			p.Cause = "The table was dropped, and is not complete yet. " + p.Cause
		}
	default:
		p.Cause = "The table was not dropped. " + p.Cause
	}
	switch {
	case ok && state.Dropped() && stopped.Unsaved != nil && !errors.Is(err, journal.ErrTaken):
		p.Cause += fmt.Sprintf(" The journal could not be saved after the drop (%v). It still holds all that the next run "+
			"needs.", stopped.Unsaved)
	case !ok || state.Dropped():
	case stopped.Undone:
		p.Cause += " Its deletion protection and auto scaling, which the recreate had changed, are as they were."
		if stopped.Left != nil {
			p.Cause += fmt.Sprintf(" The journal still has a record of this run (%v), which the next run on the table "+
				"removes.", stopped.Left)
		}
	case stopped.Left != nil:
		p.Cause += fmt.Sprintf(" Its deletion protection may be off, and its auto scaling suspended: putting them back "+
			"failed (%v).", stopped.Left)
		p.Next += " Look at both; a recreate that is applied now puts them back when it is done."
	}
	if state.BackupARN != "" {
		p.Cause += " The backup of this run is kept: " + state.BackupARN + "."
	}
	return p
}

// leaveIt says how to go on without a setting that cannot be put back.
func leaveIt(state *steps.State) string {
	return " Where a setting cannot be had any more, because a stream or a function that it names is gone, set the " +
		"others and delete the record " +
		records.RecreateName(state.Snapshot.Table) + " from the journal: the table then stays as it is."
}
