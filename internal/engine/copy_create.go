// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// creation is a destination table that a copy makes, or has begun to make.
type creation struct {
	clients settings.Clients
	state   *records.Creation
	// record is where the state is kept while the copy is under way.
	record journal.Record
	// changed is what others have changed of the new table since it had it, or added; known once it is complete.
	changed []settings.Difference
}

// openDestination looks at the destination table, or plans one where there is none and the job wants it.
func openDestination(ctx context.Context, e *tables.Env, j job.Copy, r job.Ref, ready *readyCopy, found *problem.List) {
	if j.Restores() && j.Restore.Replace && openReplaced(ctx, e, j, r, ready, found) {
		return
	}
	opened, p := tables.Open(ctx, e, r)
	if meetsUnfinished(ctx, e, j, r, p, ready, found) {
		return
	}
	if p != nil && tables.Gone(p.Err) && !j.Destination.Creates() && j.Source.Table != "" {
		p.Next += " The copy itself creates the table with destination.create_table."
	}
	inTheMaking := p != nil && errors.Is(p.Err, store.ErrNotActive)
	if !j.Destination.Creates() || p != nil && !tables.Gone(p.Err) && !inTheMaking {
		found.Add(p)
		ready.destination = opened
		return
	}
	begun, clients, problem := beginCreation(ctx, e, r)
	if problem != nil {
		found.Add(problem)
		return
	}
	if inTheMaking && (begun == nil || !wantedBy(begun, j, ready) || begun.Restore != nil && !j.Restores() || begun.Import && !j.Exports()) {
		found.Add(p)
		return
	}
	if p == nil {
		if begun.Made(opened.Description) && wantedBy(begun, j, ready) {
			ready.creation = planCreation(ctx, e, j, r, ready, clients, found)
			ready.creation.resume(j, begun)
		}
		ready.destination = opened
		return
	}
	if ready.source == nil {
		return // There is nothing to go by, which is an error already or not known yet.
	}
	ready.creation = planCreation(ctx, e, j, r, ready, clients, found)
	switch {
	case ready.creation == nil:
	case j.Restores():
		found.Add(ready.creation.restores(ctx, j, begun, e.Now()))
	case inTheMaking:
		ready.creation.state.StartedAt, ready.creation.state.Import = begun.StartedAt, begun.Import
	}
}

// beginCreation returns what the journal knows of a table that a copy has begun to make, nil if there is nothing.
func beginCreation(ctx context.Context, e *tables.Env, r job.Ref) (*records.Creation, settings.Clients, *problem.Problem) {
	clients, p := tables.SettingsClients(ctx, e, r)
	if p != nil {
		return nil, clients, p
	}
	var state records.Creation
	found, err := e.Journal.Peek(ctx, creationName(clients, r), &state)
	if err != nil {
		return nil, clients, attempt.Explain(ctx, err)
	}
	if !found {
		return nil, clients, nil
	}
	if why := state.Foreign(creationName(clients, r), e.Now()); why != "" {
		return nil, clients, attempt.Refused(e, creationName(clients, r), why)
	}
	return &state, clients, nil
}

// resume has the creation go on with what was begun: what the table is to be like is not part of that, nor what it is restored from, but for
// a backup that the run itself has made.
func (c *creation) resume(j job.Copy, begun *records.Creation) {
	if c == nil {
		return
	}
	c.state.ID, c.state.StartedAt, c.state.TableID, c.state.Import = begun.ID, begun.StartedAt, begun.TableID, begun.Import
	c.state.Given = begun.Given
	if begun.Restore == nil {
		return
	}
	c.state.Restore = &records.Restore{Definition: begun.Restore.Definition, Older: j.Restore.Older(), BackupARN: j.Restore.BackupARN, SentAt: begun.Restore.SentAt}
	if j.Restore.MakesBackup() {
		c.state.Restore.BackupARN = begun.Restore.BackupARN
	}
}

// creationName is the name of the record of a new table.
func creationName(clients settings.Clients, r job.Ref) string {
	role := ""
	if r.Side.AssumeRole != nil {
		role = r.Side.AssumeRole.ARN
	}
	return journal.CreateName(clients.DynamoDB.Options().Region, r.Name, r.Side.Profile, role, r.Side.Endpoint)
}

// wantedBy reports whether the table that was begun is one that the job would make.
func wantedBy(s *records.Creation, j job.Copy, ready *readyCopy) bool {
	return s.Level == j.Destination.Create && ready.source != nil && ready.source.ARN() == s.Source.ARN && s.Restores(j)
}

// planCreation finds out what the new table will be like, and puts a table that is planned into ready.
func planCreation(ctx context.Context, e *tables.Env, j job.Copy, r job.Ref, ready *readyCopy, clients settings.Clients, found *problem.List) *creation {
	from, p := tables.SettingsClients(ctx, e, j.SourceRef())
	if p != nil {
		found.Add(p)
		return nil
	}
	snapshot, err := settings.Read(ctx, from, ready.source.Name)
	if err != nil {
		p := tables.Explain(ctx, err)
		p.Attribute = "source.table"
		p.Table, p.Account, p.Region = ready.source.Place()
		found.Add(p)
		return nil
	}
	to, p := targetOf(ctx, e, j, r, clients, snapshot.Table)
	if p != nil {
		found.Add(p)
		return nil
	}
	to.Restored = j.Restores()
	wanted, notCopied, err := snapshot.ForCopy(j.Destination.Create, to)
	if err != nil {
		found.Add(tables.Explain(ctx, err))
		return nil
	}
	request, err := wanted.CreateTable(to.Table)
	if err != nil {
		found.Add(tables.Explain(ctx, err))
		return nil
	}
	ready.destination = tables.Planned(clients.DynamoDB, j.DestinationRef(), request, wanted.Table.ARN)
	if faults := settings.Check(request); len(faults) > 0 {
		p := ready.destination.About("destination.create_table", "Table Cannot Be Created")
		p.Cause = "DynamoDB would refuse a table like the source: " + strings.Join(faults, "; ") + "."
		p.Next = "Create the destination by other means."
		found.Add(p)
	}
	found.Add(ready.remarkOnCreation(j, snapshot, notCopied))
	found.Add(tables.WarmWarning(ctx, ready.destination, "destination.create_table", wanted))
	return &creation{clients: clients, state: &records.Creation{Level: j.Destination.Create, Source: snapshot.Table, Wanted: wanted, NotCopied: notCopied, TableARN: wanted.Table.ARN}}
}

// remarkOnCreation says what the new table will not have.
func (r *readyCopy) remarkOnCreation(j job.Copy, source *settings.Snapshot, notCopied []string) *problem.Problem {
	if len(notCopied) == 0 && (len(source.NotKept) == 0 || j.Destination.Create == settings.Schema) {
		return nil
	}
	p := r.destination.About("destination.create_table", "Settings Not Copied")
	p.Warning = true
	if len(notCopied) > 0 {
		p.Cause = "The new table will not have these settings of the source: " + strings.Join(notCopied, ", ") + "."
	}
	if len(source.NotKept) > 0 {
		p.Cause = strings.TrimSpace(p.Cause + " The source's endpoint, which is not AWS's own, does not know these: " + strings.Join(source.NotKept, ", ") + ".")
	}
	p.Next = "Set what the new table needs of them by other means, after the copy."
	return p
}

// targetOf is where the new table will be.
func targetOf(ctx context.Context, e *tables.Env, j job.Copy, r job.Ref, clients settings.Clients, source settings.Identity) (settings.Target, *problem.Problem) {
	from, err := arn.Parse(source.ARN)
	if err != nil {
		return settings.Target{}, tables.Explain(ctx, err)
	}
	to := settings.Target{
		Partition: awsconn.Partition(clients.DynamoDB.Options().Region), Account: from.AccountID, Region: clients.DynamoDB.Options().Region,
		Table: r.ShortName(), KMSKeyARN: j.Destination.KMSKeyARN,
	}
	if from.Region == settings.LocalRegion { // So are all tables there.
		to.Region = settings.LocalRegion
		return to, nil
	}
	account, err := e.Connections.AccountOf(ctx, r.Side)
	if err != nil {
		return to, tables.Within(r.Prefix, err)
	}
	given, err := arn.Parse(r.Name)
	switch {
	case err == nil && account != "" && given.AccountID != account:
		p := r.Problem(r.Attribute, "Table Of Another Account")
		p.Cause = fmt.Sprintf("The table does not exist, and the credentials are those of account %s: a table can be created only in the account of the credentials.", account)
		p.Next = "Use credentials of the table's account, with profile or assume_role in destination."
		return to, p
	case err == nil:
		to.Account = given.AccountID
	case account != "":
		to.Account = account
	case !j.Source.Side.SameCredentials(j.Destination.Side):
		p := r.Problem(r.Attribute, "Account Not Known")
		p.Cause = "The table does not exist, and which of the source's settings it may have depends on whether it is in the source's account. The provider may not ask STS which account the credentials belong to."
		p.Next = "Give the table by its ARN, or leave skip_requesting_account_id out of the provider block."
		return to, p
	}
	if key, err := arn.Parse(to.KMSKeyARN); err == nil && key.Region != to.Region {
		p := r.Problem("kms_key_arn", "KMS Key Of Another Region")
		p.Cause = fmt.Sprintf("The key is in %s and the new table will be in %s, where it cannot be used.", key.Region, to.Region)
		p.Next = "Give a key of the table's Region."
		return to, p
	}
	return to, nil
}
