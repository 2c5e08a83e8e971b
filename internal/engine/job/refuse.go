// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

import (
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// UnknownMethod is the problem of a job whose method does not exist.
func UnknownMethod(method string) *problem.Problem {
	return &problem.Problem{
		Summary: "Method Not Known", Attribute: "method",
		Cause: fmt.Sprintf("There is no method %q for this job.", method), Next: "Name one of the methods that the " +
			"documentation lists.",
	}
}

// RefuseUnused returns the problems of arguments that configure another method than the job's.
func (j Copy) RefuseUnused() problem.List {
	var found problem.List
	if !j.Exports() && j.Export != (Export{}) {
		found.Add(&problem.Problem{
			Summary: "Export Without Its Method", Attribute: "export",
			Cause: "export says how method = \"export_import\" works, and the method is another one.",
			Next:  "Set method = \"export_import\", or leave export out.",
		})
	}
	if !j.Restores() && j.Restore != (Restore{}) {
		found.Add(&problem.Problem{
			Summary: "Restore Without Its Method", Attribute: "backup_restore",
			Cause: "backup_restore says how method = \"backup_restore\" works, and the method is another one.",
			Next:  "Set method = \"backup_restore\", or leave backup_restore out.",
		})
	}
	return found
}

// Refuse returns the problems of arguments that the job's method does not take.
func (j Copy) Refuse() problem.List {
	switch {
	case j.Exports():
		return j.CannotExport()
	case j.Restores():
		return j.CannotRestore()
	}
	return nil
}

// Refuse returns the problems of arguments that the job's method does not take.
func (j Purge) Refuse() problem.List {
	var found problem.List
	if j.Filtered() && j.Recreates() {
		found.Add(&problem.Problem{
			Summary: "Filter And Recreate", Attribute: "filter",
			Cause: "A table that is recreated loses all items, whatever a filter says.",
			Next:  "Leave the filter out, or use method = \"delete_items\".",
		})
	}
	return found
}
