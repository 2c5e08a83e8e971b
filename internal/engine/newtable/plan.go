// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package newtable

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Plan finds out what a table like the source will be like, and returns it as planned. Both results are nil if that is
// not known.
func Plan(
	ctx context.Context,
	e *tables.Env,
	j job.Copy,
	source *tables.Table,
	clients settings.Clients,
) (_ *Creation, planned *tables.Table, found problem.List) {
	from, p := tables.SettingsClients(ctx, e, j.SourceRef())
	if p != nil {
		return nil, nil, problem.List{p}
	}
	snapshot, err := settings.Read(ctx, from, source.Name)
	if err != nil {
		return nil, nil, problem.List{source.Explain(ctx, "source.table", err)}
	}
	to, p := targetOf(ctx, e, j, j.DestinationRef(), clients, snapshot.Table)
	if p != nil {
		return nil, nil, problem.List{p}
	}
	to.Restored = j.Restores()
	wanted, notCopied, err := snapshot.ForCopy(j.Destination.Create, to)
	if err != nil {
		return nil, nil, problem.List{explain.Error(ctx, err)}
	}
	request, err := wanted.CreateTable(to.Table)
	if err != nil {
		return nil, nil, problem.List{explain.Error(ctx, err)}
	}
	planned = tables.Planned(clients.DynamoDB, j.DestinationRef(), request, wanted.Table.ARN)
	if faults := settings.Check(request); len(faults) > 0 {
		p := planned.About("destination.create_table", "Table Cannot Be Created")
		p.Cause = "DynamoDB would refuse a table like the source: " + strings.Join(faults, "; ") + "."
		p.Next = "Create the destination by other means."
		found.Add(p)
	}
	found.Add(creationWarning(planned, j, snapshot, notCopied))
	found.Add(tables.WarmWarning(ctx, planned, "destination.create_table", wanted))
	return &Creation{
		Clients: clients,
		State: &records.Creation{
			Level:     j.Destination.Create,
			Source:    snapshot.Table,
			Wanted:    wanted,
			NotCopied: notCopied,
			TableARN:  wanted.Table.ARN,
		},
	}, planned, found
}

// creationWarning warns of what the new table will not have.
func creationWarning(
	planned *tables.Table,
	j job.Copy,
	source *settings.Snapshot,
	notCopied []string,
) *problem.Problem {
	if len(notCopied) == 0 && (len(source.NotKept) == 0 || j.Destination.Create == settings.Schema) {
		return nil
	}
	p := planned.About("destination.create_table", "Settings Not Copied")
	p.Warning = true
	if len(notCopied) > 0 {
		p.Cause = "The new table will not have these settings of the source: " + strings.Join(notCopied, ", ") + "."
	}
	if len(source.NotKept) > 0 {
		p.Cause = strings.TrimSpace(p.Cause + " The source's endpoint, which is not AWS's own, does not know these: " +
			strings.Join(source.NotKept, ", ") + ".")
	}
	p.Next = "Set what the new table needs of them by other means, after the copy."
	return p
}

// targetOf returns where the new table will be.
func targetOf(
	ctx context.Context,
	e *tables.Env,
	j job.Copy,
	r job.Ref,
	clients settings.Clients,
	source settings.Identity,
) (settings.Target, *problem.Problem) {
	from, err := arn.Parse(source.ARN)
	if err != nil {
		return settings.Target{}, explain.Error(ctx, err)
	}
	to := settings.Target{
		Partition: awsconn.Partition(clients.DynamoDB.Options().Region), Account: from.AccountID,
		Region: clients.DynamoDB.Options().Region,
		Table:  r.ShortName(), KMSKeyARN: j.Destination.KMSKeyARN,
	}
	if from.Region == settings.LocalRegion { // So are all tables there.
		to.Region = settings.LocalRegion
		return to, nil
	}
	account, err := e.Connections.AccountOf(ctx, r.Connection)
	if err != nil {
		return to, explain.Within(r.Prefix, err)
	}
	given, err := arn.Parse(r.Name)
	switch {
	case err == nil && account != "" && given.AccountID != account:
		p := r.Problem(r.Attribute, "Table Of Another Account")
		p.Cause = fmt.Sprintf("The table does not exist, and the credentials are those of account %s: a table can be "+
			"created only in the account of the credentials.", account)
		p.Next = "Use credentials of the table's account, with profile or assume_role in destination."
		return to, p
	case err == nil:
		to.Account = given.AccountID
	case account != "":
		to.Account = account
	case !j.Source.Connection.SameCredentials(j.Destination.Connection):
		p := r.Problem(r.Attribute, "Account Not Known")
		p.Cause = "The table does not exist, and which of the source's settings it may have depends on whether it is in " +
			"the source's account. The provider may not ask STS which account the credentials belong to."
		p.Next = "Give the table by its ARN, or leave skip_requesting_account_id out of the provider block."
		return to, p
	}
	if key, err := arn.Parse(to.KMSKeyARN); err == nil && key.Region != to.Region {
		p := r.Problem("kms_key_arn", "KMS Key Of Another Region")
		p.Cause = fmt.Sprintf(
			"The key is in %s and the new table will be in %s, where it cannot be used.",
			key.Region,
			to.Region,
		)
		p.Next = "Give a key of the table's Region."
		return to, p
	}
	return to, nil
}
