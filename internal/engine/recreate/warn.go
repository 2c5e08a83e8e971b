// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package recreate

import (
	"context"
	"fmt"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// LeaveToProvider says how to keep others from creating a table that was dropped.
const LeaveToProvider = " Do not make the table by other means before; where aws_dynamodb_table manages it, apply " +
	"with -refresh=false, or the AWS provider makes it."

// UnfinishedWarning makes the problem a warning of where a recreate was interrupted.
func UnfinishedWarning(p *problem.Problem, unfinished *steps.State) *problem.Problem {
	p.Summary, p.Warning = "Unfinished Recreate", true
	p.Cause = fmt.Sprintf(
		"A recreate of this table that began at %s was interrupted at the step %q",
		unfinished.StartedAt.UTC().Format(time.RFC3339),
		unfinished.Step,
	)
	switch {
	case unfinished.Dropped():
		p.Cause += ": the table may not exist at the moment. Its settings are in the journal."
		p.Next = "Apply: this run finishes it." + LeaveToProvider
	case unfinished.Changed():
		p.Cause += ", before the table was dropped. Its auto scaling may be suspended, and its deletion protection off."
		p.Next = "Apply: this run puts both back, whatever its method is."
	default:
		p.Cause += ", before anything of the table was changed."
	}
	if unfinished.BackupARN != "" && !unfinished.Dropped() {
		p.Cause += " The backup that it has made is kept: " + unfinished.BackupARN + "."
	}
	return p
}

// UnsavedWarning warns, at the end of a complete recreate, that the journal could not be saved after the drop; nil if
// it could.
func UnsavedWarning(ctx context.Context, unsaved error) *problem.Problem {
	if unsaved == nil {
		return nil
	}
	p := attempt.Explain(ctx, unsaved)
	p.Summary, p.Warning = "Progress Could Not Be Saved", true
	p.Cause = "The recreate is complete. But the journal could not be saved once the table was dropped. " + p.Cause
	return p
}

// ChangedWarnings warns of settings that others changed while the new table was not complete. They stay as they are.
func ChangedWarnings(attribute string, table settings.Identity, changed []settings.Difference) []*problem.Problem {
	if len(changed) == 0 {
		return nil
	}
	p := &problem.Problem{Summary: "Settings Changed By Others", Attribute: attribute, Table: table.Name, Warning: true}
	p.Cause = "The table had these settings as it was to have them, or did not have them at all, and they were changed " +
		"since. They are left as they are: " +
		(&settings.DifferenceError{Differences: changed}).Error()
	return []*problem.Problem{p}
}
