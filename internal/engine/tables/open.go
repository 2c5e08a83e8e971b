// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// CheckFilter returns what is wrong with the filter itself. DynamoDB need not be asked about such a filter.
func CheckFilter(f *filter.Filter) problem.List {
	if f == nil {
		return nil
	}
	found := problem.List(f.Check())
	for _, p := range found {
		p.Attribute = "filter." + p.Attribute
	}
	return found
}

// Probe has DynamoDB check the filter.
func Probe(ctx context.Context, t *Table, scan store.Scan) *problem.Problem {
	err := t.Probe(ctx, t.Client, scan)
	if err == nil {
		return nil
	}
	found := explain.Error(ctx, err)
	account, region := t.Where()
	found.Table, found.Account, found.Region = t.Name, account, region
	if found.Summary == "Request Refused By DynamoDB" {
		found.Summary, found.Attribute = "Filter Refused By DynamoDB", "filter"
		found.Cause = "A Scan of a single item with this filter was refused."
		found.Next = "See the original error and correct the filter."
	}
	found.Err = scan.Filter.HideNames(found.Err)
	return found
}

// Locate returns the reference with the Region of its ARN, and a client for requests about the table.
func Locate(ctx context.Context, e *Env, r job.Ref) (job.Ref, *dynamodb.Client, *problem.Problem) {
	r, p := r.Locate()
	if p != nil {
		return r, nil, p
	}
	client, err := e.Connections.DynamoDB(ctx, r.Connection)
	if err != nil {
		return r, nil, explain.Within(r.Prefix, err)
	}
	return r, client, nil
}

// Open describes the table.
func Open(ctx context.Context, e *Env, r job.Ref) (*Table, *problem.Problem) {
	r, client, p := Locate(ctx, e, r)
	if p != nil {
		return nil, p
	}
	r.Connection.Region = client.Options().Region
	opened, err := store.OpenTable(ctx, client, r.Name, e.UserAgent)
	switch {
	case errors.Is(err, store.ErrNotActive):
		t := Table{Table: opened, Client: client, Connection: r.Connection}
		p := t.About(r.Prefix+r.Attribute, "Table Not Active")
		p.Cause = fmt.Sprintf("The table's status is %s.", opened.Description.TableStatus)
		p.Next = "Wait until it is ACTIVE, then apply again."
		p.Err = store.ErrNotActive
		if restore := opened.Description.RestoreSummary; opened.Description.TableStatus == types.TableStatusCreating &&
			!optional.Value(optional.Value(restore).RestoreInProgress) {
			p.Err = t.Passing()
		}
		return nil, p
	case err != nil:
		return nil, openProblem(ctx, r, err)
	}
	return &Table{Table: opened, Client: client, Connection: r.Connection}, nil
}

// openProblem explains why DescribeTable failed.
func openProblem(ctx context.Context, r job.Ref, err error) *problem.Problem {
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		p := r.Problem(r.Attribute, "Table Not Found")
		p.Cause = fmt.Sprintf("There is no table %q in this account and Region.", r.Name)
		p.Next = "Check the name, the Region and the account. If this same apply creates the table, refer to it by the " +
			"arn of its resource, as in aws_dynamodb_table.orders.arn: that is unknown until the table exists, so this " +
			"check waits for it."
		p.Err = err
		return p
	}
	p := explain.Error(ctx, err)
	p.Attribute, p.Table, p.Region = r.Prefix+r.Attribute, r.Name, r.Connection.Region
	return p
}

// absences is how many times in a row a table that was just created may be missing: DescribeTable is eventually
// consistent ("DescribeTable" in the Amazon DynamoDB API Reference).
const absences = 3

// Planned returns the table that the request will create.
func Planned(client *dynamodb.Client, r job.Ref, request *dynamodb.CreateTableInput, tableARN string) *Table {
	return &Table{Table: store.PlannedTable(request, tableARN), Client: client, Connection: r.Connection}
}

// OpenCreated opens a table that was just created, which may still be CREATING or not visible yet.
func OpenCreated(ctx context.Context, e *Env, r job.Ref) (*Table, *problem.Problem) {
	until, missed := e.Now().Add(MostPassing), 0
	for {
		opened, p := Open(ctx, e, r)
		if p == nil {
			return opened, nil
		}
		_, passing := errors.AsType[*PassingError](p.Err)
		switch {
		case explain.Gone(p.Err) && missed < absences:
			missed++
		case !passing || !e.Now().Before(until):
			return nil, p
		}
		if err := pause.Sleep(ctx, PassingPause); err != nil {
			return nil, explain.Error(ctx, err)
		}
	}
}

// DescribeCreated describes a table that was just created. It returns nil if the table was deleted again.
func DescribeCreated(ctx context.Context, client *dynamodb.Client, table string) (*types.TableDescription, error) {
	for missed := 0; ; missed++ {
		is, err := settings.Describe(ctx, client, table)
		if is != nil || err != nil || missed == absences {
			return is, err
		}
		if err := pause.Sleep(ctx, PassingPause); err != nil {
			return nil, err
		}
	}
}

// WarmWarning warns that AWS charges for the warm throughput of a table that is created with these settings.
func WarmWarning(ctx context.Context, t *Table, attribute string, made *settings.Snapshot) *problem.Problem {
	warmth, err := made.Warmth()
	switch {
	case err != nil:
		return explain.Error(ctx, err)
	case warmth == "":
		return nil
	}
	p := t.About(attribute, "Warm Throughput Is Charged For")
	p.Warning = true
	p.Cause = "The new table gets the warm throughput that it is to have, for which AWS charges once: " + warmth + "."
	p.Next = "See the prices of warm throughput. A table whose items are deleted one by one keeps what it has, without " +
		"a charge."
	return p
}
