// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package recreate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Interrupted is an unfinished recreate that the journal has.
type Interrupted struct {
	*steps.State
	// Mark is the mark of the state when it was read.
	Mark string
}

// Resume returns the plan that resumes the recreate.
func (i *Interrupted) Resume(clients settings.Clients) *Plan {
	return &Plan{Clients: clients, State: i.State, planned: i.Mark}
}

// Unfinished returns an interrupted recreate of the table, nil if there is none. The table may not exist, so it is
// found by its name, Region and account.
func Unfinished(ctx context.Context, e *tables.Env, r job.Ref) (*Interrupted, *problem.Problem) {
	r, client, p := tables.Locate(ctx, e, r)
	if p != nil {
		return nil, p
	}
	var broken []*journal.UnreadableError
	for found, err := range interrupted(ctx, e) {
		if unreadable, ok := errors.AsType[*journal.UnreadableError](err); ok {
			broken = append(broken, unreadable)
			continue
		}
		if err != nil {
			return nil, attempt.Explain(ctx, err)
		}
		state := found.Record
		if state.Snapshot == nil || !r.Is(state.Snapshot.Table, client.Options().Region) {
			continue
		}
		if p := records.TrustRecreate(e, found.Name, state); p != nil {
			return nil, p
		}
		mark := state.Mark()
		switch ours, p := ownsTable(ctx, e, r, client, state); {
		case p != nil:
			return nil, p
		case ours:
			return &Interrupted{state, mark}, recheck(ctx, e, client, r, state)
		}
	}
	return nil, unreadableRecreate(ctx, client, r, broken)
}

// interrupted are the journal's records of recreates.
func interrupted(ctx context.Context, e *tables.Env) iter.Seq2[attempt.Entry[*steps.State], error] {
	return attempt.Entries(ctx, e.Journal, func(name string) (*steps.State, bool) {
		return new(steps.State), journal.KindOf(name) == journal.KindRecreate
	})
}

// unreadableRecreate is the problem that an unreadable record is, or may be, that of the table's recreate. The record's
// name tells for a table that exists. For a missing table it may be any of them, since only its name is known.
func unreadableRecreate(
	ctx context.Context,
	client *dynamodb.Client,
	r job.Ref,
	broken []*journal.UnreadableError,
) *problem.Problem {
	if len(broken) == 0 {
		return nil
	}
	table, err := settings.Describe(ctx, client, r.Name)
	if err != nil {
		p := explain.Error(ctx, err)
		p.Attribute, p.Table = r.Prefix+r.Attribute, r.Name
		return p
	}
	for _, record := range broken {
		if table == nil || record.Name == records.RecreateName(settings.IdentityOf(table).In(client.Options().Region)) {
			p := attempt.UnreadableRecord(record)
			p.Attribute, p.Table = r.Prefix+r.Attribute, r.Name
			if table == nil {
				p.Cause += " There is no table of this name. It may be the one that the record is of, dropped and not created " +
					"again."
			}
			return p
		}
	}
	return nil
}

// recheck finds out whether a table that was about to be dropped has been dropped.
func recheck(
	ctx context.Context,
	e *tables.Env,
	client *dynamodb.Client,
	r job.Ref,
	interrupted *steps.State,
) *problem.Problem {
	if !interrupted.Dropped() {
		return nil
	}
	table, err := settings.Describe(ctx, client, interrupted.Snapshot.Table.Name)
	if err != nil {
		p := explain.Error(ctx, err)
		p.Attribute, p.Table = r.Prefix+r.Attribute, r.Name
		return p
	}
	interrupted.Recheck(table)
	if table != nil && interrupted.Dropped() && settings.IdentityOf(table).ID != interrupted.Snapshot.Table.ID &&
		!explain.CreatedSince(table, interrupted.StartedAt) {
		return attempt.Refused(e, records.RecreateName(interrupted.Snapshot.Table), fmt.Sprintf("the table was created "+
			"before the recreate that it tells of, which began at %s", interrupted.StartedAt.UTC().Format(time.RFC3339)))
	}
	return nil
}

// ownsTable reports whether the recreate's table is in the account that the requests go to. Another account that uses
// the same journal may have a table of the same name. The ID of a table that was not dropped tells.
func ownsTable(
	ctx context.Context,
	e *tables.Env,
	r job.Ref,
	client *dynamodb.Client,
	unfinished *steps.State,
) (bool, *problem.Problem) {
	if !unfinished.Dropped() {
		return true, nil
	}
	table, err := arn.Parse(unfinished.Snapshot.Table.ARN)
	if err != nil {
		return false, attempt.Explain(ctx, err)
	}
	account, err := e.Connections.AccountOf(ctx, r.Connection)
	if err != nil {
		return false, explain.Within(r.Prefix, err)
	}
	if account != "" && !settings.IsLocalAccount(table.AccountID) {
		return account == table.AccountID, nil
	}
	caller, err := callerOf(ctx, client)
	if err != nil {
		return false, explain.Within(r.Prefix, err)
	}
	if caller == unfinished.Caller {
		return true, nil
	}
	p := r.Problem(r.Attribute, "Unfinished Recreate")
	p.Cause = fmt.Sprintf("A recreate of a table of this name, in account %s, was interrupted after the table was "+
		"dropped. It was begun with other credentials. Whether these are of that account is not known, because the "+
		"provider does not ask STS.", table.AccountID)
	p.Next = "Leave skip_requesting_account_id out of the provider block, or use the credentials with which the " +
		"recreate was begun; then apply again. Nothing was changed."
	return false, p
}

// callerOf returns a digest of the access key: the same for the same key, without revealing it.
func callerOf(ctx context.Context, client *dynamodb.Client) (string, error) {
	credentials, err := client.Options().Credentials.Retrieve(ctx)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(credentials.AccessKeyID))
	return hex.EncodeToString(sum[:16]), nil
}
