// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablepurge

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// A purge may find that a recreate has dropped its table and was interrupted. If an earlier attempt at the same purge
// began it, finishing it completes the purge, unless others have written to the new table meanwhile. Any other recreate
// is finished first, and then the purge does what it would have done anyway.

// continuesRecreate reports whether an earlier attempt at the job began the recreate. As for any run, that counts for a
// day: what was written to the new table since then is not part of it.
func continuesRecreate(j job.Purge, unfinished *steps.State, now time.Time) bool {
	return !j.KeepsTable() && !j.MethodLater && unfinished.Definition == "" && unfinished.Run == j.RecreateDefinition() &&
		now.Sub(unfinished.UpdatedAt) < attempt.ResumeWindow
}

const resumesRecreate = "a recreate that an earlier attempt at this run has begun was interrupted, and is finished"

// openUnfinished prepares to finish a recreate that has dropped the table, and opens the table if it exists.
func (r *plan) openUnfinished(
	ctx context.Context,
	e *tables.Env,
	unfinished *recreate.Interrupted,
	found *problem.List,
) {
	j := r.job
	clients, p := tables.SettingsClients(ctx, e, j.Ref())
	if p != nil {
		found.Add(p)
		return
	}
	begun := unfinished.Resume(clients)
	remark := recreate.UnfinishedWarning(j.Ref().Problem("table", ""), unfinished.State)
	found.Add(remark)
	opened, p := tables.Open(ctx, e, j.Ref())
	there := p == nil && settings.IdentityOf(opened.Description).ID != unfinished.Snapshot.Table.ID
	r.resumes = continuesRecreate(j, unfinished.State, e.Now())
	if r.resumes && !there {
		r.recreation, r.choice = begun, job.Recreating(resumesRecreate)
		return
	}
	r.unfinished = begun
	if there {
		r.table = opened
	}
	if r.resumes {
		remark.Next += " If others have written to the new table by then, it is purged once more."
		return
	}
	remark.Next = "Apply: this run finishes it first, and then purges the table by its own method." + recreate.LeaveToProvider
	if unfinished.Definition == "" {
		return
	}
	remark.Cause += " It was to be replaced by a copy, with backup_restore.replace_destination."
	if unfinished.BackupARN != "" {
		remark.Cause += " The backup that it is restored from stays: " + unfinished.BackupARN + "."
	}
	switch {
	case there:
	case j.Filtered():
		remark.Warning = false
		remark.Next = "Apply the copy again first, which restores the items; or purge the table without a filter. This " +
			"run, which is to leave items, would make the table without any."
	default:
		remark.Cause += " The table is created empty."
	}
}

// checkSafetyLater finds what the job asks for and a purge that deletes items does not have, before the recreate is
// finished.
func checkSafetyLater(j job.Purge, unfinished *recreate.Plan) *problem.Problem {
	r := j.Ref()
	switch {
	case j.BackupBefore && j.KeepsTable():
		return recreate.NoBackup(r.Problem("backup_before", ""))
	case j.RequirePITR && !unfinished.State.Snapshot.PointInTimeRecovery():
		return recreate.WithoutRecovery(r.Problem("require_pitr", ""), nil)
	}
	return nil
}

// finishAndPurge finishes a recreate, and then purges the table unless that has emptied it.
func (r *plan) finishAndPurge(ctx context.Context, e *tables.Env, observer attempt.Observer) (*run.Result, error) {
	j := r.job
	unfinished, start := r.unfinished, e.Now()
	finished, err := recreate.Run(ctx, e, j, unfinished, observer)
	if err != nil {
		return nil, err
	}
	if r.resumes {
		holds, err := holdsItems(ctx, unfinished)
		if err != nil {
			return nil, afterFinishing(explain.Error(ctx, err))
		}
		if !holds {
			chosen := job.Recreating(resumesRecreate)
			finished.Method, finished.MethodReason = chosen.Method, chosen.Reason
			return finished, nil
		}
	}
	took := e.Now().Sub(start)
	ready, err := prepared(ctx, e, j, r.share, observer)
	if err == nil && ready.unfinished != nil { // Another run has begun one since.
		p := recreate.UnfinishedWarning(j.Ref().Problem("table", ""), ready.unfinished.State)
		p.Warning = false
		return nil, p
	}
	var result *run.Result
	if err == nil {
		result, err = ready.run(ctx, e, observer)
	}
	if err != nil {
		return nil, afterFinishing(err)
	}
	result.Duration += took
	result.MethodReason += "; a recreate of the table that was interrupted was finished first"
	result.Warnings = slices.Concat(
		finished.Warnings,
		[]*problem.Problem{finishedWarning(j, unfinished.State)},
		result.Warnings,
	)
	switch {
	case r.resumes:
		result.ID, result.StartedAt, result.Resumed = finished.ID, finished.StartedAt, true
		result.TableID, result.StreamARN = finished.TableID, finished.StreamARN
	case !result.Resumed:
		result.StartedAt = start
	}
	return result, nil
}

// holdsItems reports whether the recreated table holds any item. It reports false if the caller may not scan.
func holdsItems(ctx context.Context, finished *recreate.Plan) (bool, error) {
	page, err := finished.Clients.DynamoDB.Scan(ctx, &dynamodb.ScanInput{
		TableName: &finished.State.Snapshot.Table.Name, ConsistentRead: aws.Bool(true), Limit: aws.Int32(1),
		Select: types.SelectCount,
	})
	if awserr.AccessDenied(err) { // A recreate needs no permission to scan.
		return false, nil
	}
	return err == nil && page.Count > 0, err
}

// afterFinishing adds to the problem of a purge that the recreate before it is complete.
func afterFinishing(err error) error {
	all := problem.All(err)
	if len(all) > 0 {
		all[0].Cause = "The recreate that was interrupted is complete: the table has its settings again. The purge itself " +
			"failed. " + all[0].Cause
	}
	return err
}

// finishedWarning says what the run did besides the purge.
func finishedWarning(j job.Purge, finished *steps.State) *problem.Problem {
	p := j.Ref().Problem("table", "Unfinished Recreate Was Finished")
	p.Warning = true
	p.Cause = "A recreate had dropped the table and was interrupted. This run has finished it with the settings that " +
		"the table had then, and purged the table afterwards."
	if finished.BackupARN != "" {
		p.Cause += " The backup that the recreate has made is kept: " + finished.BackupARN + "."
	}
	return p
}
