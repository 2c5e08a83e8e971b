// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// checkRestore finds what keeps AWS from restoring the source.
func (r *plan) checkRestore(ctx context.Context, e *tables.Env, j job.Copy) []*problem.Problem {
	var found problem.List
	if !j.Restores() {
		if j.Restore != (job.Restore{}) {
			found.Add(&problem.Problem{
				Summary: "Restore Without Its Method", Attribute: "backup_restore",
				Cause: "backup_restore says how method = \"backup_restore\" works, and the method is another one.",
				Next:  "Set method = \"backup_restore\", or leave backup_restore out.",
			})
		}
		return found
	}
	found.Add(j.CannotRestore()...)
	if r.destination != nil && r.creation == nil && j.Destination.Creates() && !j.Restore.Replace {
		p := r.destination.About("destination.table", "Table Exists")
		p.Cause = "AWS restores to a new table only, and there is one of that name. It is as it was."
		p.Next = "Name a table that does not exist, or use method = \"scan\", which copies to one that does; or set backup_restore.replace_destination, which drops it first."
		found.Add(p)
	}
	if r.source == nil {
		return found
	}
	if r.destination != nil {
		found.Add(r.checkRestoreAccount())
	}
	if j.Restore.Recovers() {
		found.Add(r.source.Recoverable(ctx, tables.RecoveryUse{Does: "restores", Attribute: "backup_restore.point_in_time", Lags: true}, j.Restore.At, e.Now()))
	}
	var backup *types.BackupDescription
	if j.Restore.BackupARN != "" {
		var p *problem.Problem
		backup, p = newtable.RestorableBackup(ctx, r.source, j.Restore.BackupARN)
		found.Add(p)
	}
	if r.replaced != nil && !r.replaced.State.Dropped() && len(found) == 0 {
		found.Add(fitsReplaced(ctx, e, j, r, backup))
	}
	return found
}

// checkRestoreAccount looks at whose the two tables are.
func (r *plan) checkRestoreAccount() *problem.Problem {
	from, _ := r.source.Where()
	if to, _ := r.destination.Where(); from == to {
		return nil
	}
	p := r.destination.About("destination.table", "A Restore Stays In Its Account")
	p.Cause = fmt.Sprintf("The source is in account %s, and AWS restores to the same account only.", from)
	p.Next = "Use method = \"scan\" or \"export_import\", which copy to another account."
	return p
}
