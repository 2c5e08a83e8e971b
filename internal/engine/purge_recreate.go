// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// recreation is a recreate that may begin, or go on.
type recreation struct {
	clients settings.Clients
	// state is where an interrupted one has come, or what a new one begins with.
	state *steps.State
	// planned is the mark of what the journal held when the run was planned.
	planned string
}

// Allowances are what PurgeJob.Allow may hold.
func Allowances() []string {
	return []string{steps.AllowStream, steps.AllowEventSourceMappings, steps.AllowKinesis, steps.AllowReplicas}
}

// planRecreate finds what is wrong with recreating the table, and prepares to do it.
func planRecreate(ctx context.Context, e *tables.Env, j job.Purge, t *tables.Table, unfinished *interrupted, found *problem.List) *recreation {
	begun, refusals, p := lookAtRecreate(ctx, e, j, t, unfinished)
	if p != nil {
		found.Add(p)
		return nil
	}
	for _, refusal := range refusals {
		p := t.About("table", "Table Cannot Be Recreated")
		p.Cause = "The table is not recreated since " + refusal.Reason + "."
		p.Next = "Use method = \"delete_items\", which leaves the table as it is."
		if refusal.Allow != "" {
			p.Attribute = "allow"
			p.Next += fmt.Sprintf(" If it is meant, add %q to allow.", refusal.Allow)
		}
		if refusal.Passes {
			p.Err = t.Passing()
		}
		found.Add(p)
	}
	if begun.state.Snapshot.NotKept != nil {
		p := t.About("table", "Settings Not Kept Here")
		p.Warning = true
		p.Cause = "This endpoint, which is not AWS's own, does not know some settings, so they are neither read nor put back: " + strings.Join(begun.state.Snapshot.NotKept, ", ") + "."
		found.Add(p)
	}
	found.Add(streamRemark(e, t))
	found.Add(tables.WarmWarning(ctx, t, "table", begun.state.Snapshot))
	return begun
}

// mayRecreate says whether a purge that leaves the method open recreates the table, or why not.
func mayRecreate(ctx context.Context, e *tables.Env, j job.Purge, t *tables.Table, unfinished *interrupted, found *problem.List) (_ *recreation, why string) {
	begun, refusals, p := lookAtRecreate(ctx, e, j, t, unfinished)
	switch {
	case p != nil:
		return nil, "its settings cannot be read: " + p.Summary
	case len(refusals) > 0:
		return nil, refusals[0].Reason
	case begun.state.Snapshot.NotKept != nil:
		return nil, "this endpoint does not keep all settings"
	}
	found.Add(streamRemark(e, t))
	found.Add(tables.WarmWarning(ctx, t, "table", begun.state.Snapshot))
	return begun, ""
}

// lookAtRecreate reads the table's settings, and finds the reasons not to recreate it.
func lookAtRecreate(ctx context.Context, e *tables.Env, j job.Purge, t *tables.Table, unfinished *interrupted) (*recreation, []steps.Refusal, *problem.Problem) {
	clients, p := tables.SettingsClients(ctx, e, j.Ref())
	if p != nil {
		return nil, nil, p
	}
	snapshot, err := settings.Read(ctx, clients, t.Name)
	if err != nil {
		p := tables.Explain(ctx, err)
		p.Attribute = "table"
		p.Table, p.Account, p.Region = t.Place()
		return nil, nil, p
	}
	if j.RequirePITR && !snapshot.PointInTimeRecovery() {
		return nil, nil, noRecovery(t, nil)
	}
	return mayDrop(ctx, e, t, "table", &recreation{clients: clients, state: &steps.State{
		ID: journal.NewID(records.RecreateName(snapshot.Table)), StartedAt: e.Now(), Snapshot: snapshot, Run: j.RecreateDefinition(),
	}}, j.Allow, unfinished)
}

// mayDrop finds the reasons not to drop the table, and goes on with a recreate of it that has not come so far.
func mayDrop(ctx context.Context, e *tables.Env, t *tables.Table, attribute string, begun *recreation, allow []string, unfinished *interrupted) (*recreation, []steps.Refusal, *problem.Problem) {
	snapshot := begun.state.Snapshot
	refusals, err := steps.Refusals(ctx, begun.clients.DynamoDB, t.Description, snapshot, allow)
	if err != nil {
		p := tables.Explain(ctx, err)
		p.Attribute = attribute
		p.Table, p.Account, p.Region = t.Place()
		return nil, nil, p
	}
	if unfinished != nil {
		begun.planned = unfinished.mark
	}
	if unfinished != nil && unfinished.Snapshot.Table.ID == snapshot.Table.ID {
		if err := unfinished.Renew(snapshot, e.Now()); err != nil {
			return nil, nil, attempt.Explain(ctx, err)
		}
		if unfinished.Definition == begun.state.Definition {
			unfinished.Run = begun.state.Run
			begun.state = unfinished.State
		}
	}
	return begun, refusals, nil
}

// dropWarning announces that the run drops the table, or that it may where that is not decided yet. Terraform shows it once more after
// the apply, which plans again what it applies, so it has to be true then too.
func dropWarning(j job.Purge, ready *readyPurge) *problem.Problem {
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
	case ready.recreation == nil || ready.table == nil: // One that resumes has a remark of its own.
		return nil
	default:
		p = ready.table.About("table", "Table Is Dropped And Recreated")
		p.Cause = "The run drops the table and recreates it with the same settings. Its ID changes"
		if ready.recreation.state.Snapshot.PointInTimeRecovery() {
			p.Cause += ", and the history of its point-in-time recovery starts again"
		}
		p.Cause += "."
	}
	p.Warning = true
	p.Next = "To keep the table and delete its items, use method = \"delete_items\"."
	return p
}

// streamRemark says that the stream will be another one.
func streamRemark(e *tables.Env, t *tables.Table) *problem.Problem {
	if s := t.Description.StreamSpecification; s == nil || !optional.Value(s.StreamEnabled) {
		return nil
	}
	p := t.About("table", "Stream ARN Will Change")
	p.Warning = true
	p.Cause = "The table is recreated, with a new stream. The old one, " + optional.Value(t.Description.LatestStreamArn) + ", can be read for another 24 hours."
	p.Next = "Give the new ARN, stream_arn_after, to whatever reads the stream. A refresh of aws_dynamodb_table shows it as stream_arn."
	return p
}

// checkSafety finds what the job asks for that a purge which deletes items does not have.
func checkSafety(ctx context.Context, j job.Purge, t *tables.Table) *problem.Problem {
	if j.BackupBefore {
		return noBackup(t.About("backup_before", ""))
	}
	if !j.RequirePITR {
		return nil
	}
	// AWS does not allow it for a table of another account, whatever its resource policy says ("DynamoDB API operations supported by resource-based policies").
	if err := settings.Own(ctx, t.Client, t.Description); err != nil {
		return tables.Explain(ctx, err)
	}
	found, err := t.Client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &t.Name})
	if err == nil && found.ContinuousBackupsDescription != nil && found.ContinuousBackupsDescription.PointInTimeRecoveryDescription != nil &&
		found.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled {
		return nil
	}
	return noRecovery(t, err)
}

// noBackup makes the problem one of a purge that makes no backup.
func noBackup(p *problem.Problem) *problem.Problem {
	p.Summary = "Backup Without Recreate"
	p.Cause = "This purge deletes items, and only a recreate makes a backup first."
	p.Next = "Use method = \"recreate\", or make the backup by other means and leave backup_before out."
	return p
}

func noRecovery(t *tables.Table, err error) *problem.Problem {
	return withoutRecovery(t.About("require_pitr", ""), err)
}

// withoutRecovery makes the problem one of a table without point-in-time recovery.
func withoutRecovery(p *problem.Problem, err error) *problem.Problem {
	p.Summary = "No Point-In-Time Recovery"
	p.Cause = "The table has no point-in-time recovery, and require_pitr asks for it."
	p.Next = "Turn point-in-time recovery on, or leave require_pitr out." + tables.ChangedFirst("turns it on")
	p.Err = err
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

// runRecreate takes the table, drops it, and makes it anew.
func runRecreate(ctx context.Context, e *tables.Env, j job.Purge, begun *recreation, observer attempt.Observer) (*run.Result, error) {
	table, start, resumed := begun.state.Snapshot.Table, e.Now(), begun.state.Step != ""
	var todo steps.Run
	backup := &managed.Backup{Client: begun.clients.DynamoDB, Table: table.Name, Name: attempt.BackupName(begun.state.ID)}
	if j.BackupBefore {
		todo.Backup = backup
	}
	if begun.state.Definition == "" { // Not one that a copy restores.
		if err := attempt.OwnBackup(ctx, e, *backup, records.RecreateName(table), begun.state.BackupARN); err != nil {
			return nil, err
		}
	}
	done, err := replaceTable(ctx, e, j.Ref(), records.Use{}, begun, todo, observer)
	if err != nil {
		return nil, err
	}
	shown, err := begun.state.Snapshot.Shown()
	if err != nil {
		return nil, err
	}
	document, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		return nil, err
	}
	var remarks problem.List
	remarks.Add(unsavedRemark(ctx, done.Unsaved))
	remarks.Add(changedRemark("table", done.After.Table, done.Changed)...)
	return &run.Result{
		Remarks: remarks,
		ID:      begun.state.ID, StartedAt: begun.state.StartedAt, CompletedAt: e.Now(), Duration: e.Now().Sub(start), Resumed: resumed,
		DestinationARN: done.After.Table.ARN, TableID: table.ID, NewTableID: done.After.Table.ID, StreamARN: table.StreamARN, NewStreamARN: done.After.Table.StreamARN,
		BackupARN: done.BackupARN, SettingsRestored: done.Restored, SettingsJSON: string(document),
	}, nil
}
