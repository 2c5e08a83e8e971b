// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/estimate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// backupRestore has AWS restore a backup, or a state of the source that point-in-time recovery keeps.
type backupRestore struct{}

func (backupRestore) scans() bool { return false }

func (backupRestore) puts(*plan) bool { return false }

func (backupRestore) seconds(*plan) float64 { return estimate.AWSSeconds }

func (backupRestore) record(context.Context, *plan) (string, error) { return "", nil }

func (backupRestore) run(ctx context.Context, e *tables.Env, r *plan, observer attempt.Observer) (*run.Result, error) {
	if r.replaced != nil {
		return r.replace(ctx, e, observer)
	}
	return r.restoreToNew(ctx, e, observer)
}

func (backupRestore) check(ctx context.Context, e *tables.Env, r *plan) problem.List {
	var found problem.List
	if r.Destination != nil && r.creation == nil && r.Job.Destination.Creates() && !r.Job.Restore.Replace {
		p := r.Destination.About("destination.table", "Table Exists")
		p.Cause = "AWS restores to a new table only, and there is one of that name. It is as it was."
		p.Next = "Name a table that does not exist, or use method = \"scan\", which copies to one that does; or set " +
			"backup_restore.replace_destination, which drops it first."
		found.Add(p)
	}
	if r.Source == nil {
		return found
	}
	if r.Destination != nil {
		found.Add(r.checkRestoreAccount())
	}
	if r.Job.Restore.Recovers() {
		found.Add(
			r.Source.Recoverable(
				ctx,
				tables.RecoveryUse{Does: "restores", Attribute: "backup_restore.point_in_time", Lags: true},
				r.Job.Restore.At,
				e.Now(),
			),
		)
	}
	var backup *types.BackupDescription
	if r.Job.Restore.BackupARN != "" {
		var p *problem.Problem
		backup, p = newtable.RestorableBackup(ctx, r.Source, r.Job.Restore.BackupARN)
		found.Add(p)
	}
	if r.replaced != nil && !r.replaced.State.Dropped() && len(found) == 0 {
		found.Add(r.replaced.Fits(ctx, e, r.Source, backup, r.Destination))
	}
	return found
}

// checkRestoreAccount refuses a destination in another account than the source.
func (r *plan) checkRestoreAccount() *problem.Problem {
	from, _ := r.Source.Where()
	if to, _ := r.Destination.Where(); from == to {
		return nil
	}
	p := r.Destination.About("destination.table", "A Restore Stays In Its Account")
	p.Cause = fmt.Sprintf("The source is in account %s, and AWS restores to the same account only.", from)
	p.Next = "Use method = \"scan\" or \"export_import\", which copy to another account."
	return p
}
