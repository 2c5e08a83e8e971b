// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package recreate

import (
	"context"
	"fmt"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Plan is a recreate that is ready to begin, or to be resumed.
type Plan struct {
	Clients settings.Clients
	// State is what a new recreate begins with, or what an interrupted one has reached.
	State *steps.State
	// planned is the mark of the journal's state when the run was planned.
	planned string
}

// Allowances returns what job.Purge.Allow may contain.
func Allowances() []string {
	return []string{steps.AllowStream, steps.AllowEventSourceMappings, steps.AllowKinesis, steps.AllowReplicas}
}

// PlanPurge plans to recreate the table for a purge, and adds what is wrong with that.
func PlanPurge(
	ctx context.Context,
	e *tables.Env,
	j job.Purge,
	t *tables.Table,
	unfinished *Interrupted,
	found *problem.List,
) *Plan {
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
	if begun.State.Snapshot.NotKept != nil {
		p := t.About("table", "Settings Not Kept Here")
		p.Warning = true
		p.Cause = "This endpoint, which is not AWS's own, does not know some settings, so they are neither read nor put " +
			"back: " + strings.Join(begun.State.Snapshot.NotKept, ", ") + "."
		found.Add(p)
	}
	found.Add(StreamWarning(e, t))
	found.Add(tables.WarmWarning(ctx, t, "table", begun.State.Snapshot))
	return begun
}

// MayPurge plans to recreate the table for a purge that leaves the method open, or returns why it is not recreated.
func MayPurge(
	ctx context.Context,
	e *tables.Env,
	j job.Purge,
	t *tables.Table,
	unfinished *Interrupted,
	found *problem.List,
) (_ *Plan, why string) {
	begun, refusals, p := lookAtRecreate(ctx, e, j, t, unfinished)
	switch {
	case p != nil:
		return nil, "its settings cannot be read: " + p.Summary
	case len(refusals) > 0:
		return nil, refusals[0].Reason
	case begun.State.Snapshot.NotKept != nil:
		return nil, "this endpoint does not keep all settings"
	}
	found.Add(StreamWarning(e, t))
	found.Add(tables.WarmWarning(ctx, t, "table", begun.State.Snapshot))
	return begun, ""
}

// lookAtRecreate reads the table's settings, and finds the reasons not to recreate it.
func lookAtRecreate(
	ctx context.Context,
	e *tables.Env,
	j job.Purge,
	t *tables.Table,
	unfinished *Interrupted,
) (*Plan, []steps.Refusal, *problem.Problem) {
	clients, p := tables.SettingsClients(ctx, e, j.Ref())
	if p != nil {
		return nil, nil, p
	}
	snapshot, err := settings.Read(ctx, clients, t.Name)
	if err != nil {
		return nil, nil, t.Explain(ctx, "table", err)
	}
	if j.RequirePITR && !snapshot.PointInTimeRecovery() {
		return nil, nil, noRecovery(t, nil)
	}
	return MayDrop(ctx, e, t, "table", &Plan{Clients: clients, State: &steps.State{
		ID: journal.NewID(records.RecreateName(snapshot.Table)), StartedAt: e.Now(), Snapshot: snapshot,
		Run: j.RecreateDefinition(),
	}}, j.Allow, unfinished)
}

// MayDrop finds the reasons not to drop the table, and resumes a recreate of it that was interrupted before the drop.
func MayDrop(
	ctx context.Context,
	e *tables.Env,
	t *tables.Table,
	attribute string,
	begun *Plan,
	allow []string,
	unfinished *Interrupted,
) (*Plan, []steps.Refusal, *problem.Problem) {
	snapshot := begun.State.Snapshot
	refusals, err := steps.Refusals(ctx, begun.Clients.DynamoDB, t.Description, snapshot, allow)
	if err != nil {
		return nil, nil, t.Explain(ctx, attribute, err)
	}
	if unfinished != nil {
		begun.planned = unfinished.Mark
	}
	if unfinished != nil && unfinished.Snapshot.Table.ID == snapshot.Table.ID {
		if err := unfinished.Renew(snapshot, e.Now()); err != nil {
			return nil, nil, attempt.Explain(ctx, err)
		}
		if unfinished.Definition == begun.State.Definition {
			unfinished.Run = begun.State.Run
			begun.State = unfinished.State
		}
	}
	return begun, refusals, nil
}

// StreamWarning warns that the stream will be another one, nil if the table has none.
func StreamWarning(e *tables.Env, t *tables.Table) *problem.Problem {
	if s := t.Description.StreamSpecification; s == nil || !optional.Value(s.StreamEnabled) {
		return nil
	}
	p := t.About("table", "Stream ARN Will Change")
	p.Warning = true
	p.Cause = "The table is recreated, with a new stream. The old one, " +
		optional.Value(t.Description.LatestStreamArn) + ", can be read for another 24 hours."
	p.Next = "Give the new ARN, stream_arn_after, to whatever reads the stream. A refresh of aws_dynamodb_table shows " +
		"it as stream_arn."
	return p
}
