// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// table is one table of a job, opened.
type table struct {
	*store.Table
	client *dynamodb.Client
	side   awsconn.Side
}

// about begins a problem with the table.
func (t *table) about(attribute, summary string) *problem.Problem {
	account, region := t.Where()
	return &problem.Problem{Summary: summary, Attribute: attribute, Table: t.Name, Account: account, Region: region}
}

// open describes the table.
func (e *Engine) open(ctx context.Context, r job.Ref) (*table, *problem.Problem) {
	r, p := r.Locate()
	if p != nil {
		return nil, p
	}
	client, err := e.Connections.DynamoDB(ctx, r.Side)
	if err != nil {
		return nil, prefixed(r.Prefix, err)
	}
	r.Side.Region = client.Options().Region
	opened, err := store.OpenTable(ctx, client, r.Name, e.UserAgent)
	switch {
	case errors.Is(err, store.ErrNotActive):
		t := table{opened, client, r.Side}
		p := t.about(r.Prefix+r.Attribute, "Table Not Active")
		p.Cause = fmt.Sprintf("The table's status is %s.", opened.Description.TableStatus)
		p.Next = "Wait until it is ACTIVE, then apply again."
		p.Err = store.ErrNotActive
		if restore := opened.Description.RestoreSummary; opened.Description.TableStatus == types.TableStatusCreating && !value(value(restore).RestoreInProgress) {
			p.Err = t.passing()
		}
		return nil, p
	case err != nil:
		return nil, openProblem(ctx, r, err)
	}
	return &table{opened, client, r.Side}, nil
}

// openProblem says why DescribeTable failed.
func openProblem(ctx context.Context, r job.Ref, err error) *problem.Problem {
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		p := r.Problem(r.Attribute, "Table Not Found")
		p.Cause = fmt.Sprintf("There is no table %q in this account and Region.", r.Name)
		p.Next = "Check the name, the Region and the account. If this same apply creates the table, refer to it by the arn of its " +
			"resource, as in aws_dynamodb_table.orders.arn: that is unknown until the table exists, so this check waits for it."
		p.Err = err
		return p
	}
	p := requestProblem(ctx, err)
	p.Attribute, p.Table, p.Region = r.Prefix+r.Attribute, r.Name, r.Side.Region
	return p
}

// requestProblem says what the error of a request means to a user.
func requestProblem(ctx context.Context, err error) *problem.Problem {
	if known, ok := errors.AsType[*problem.Problem](err); ok {
		p := *known
		return &p
	}
	if replaced, ok := errors.AsType[*replacedError](err); ok {
		return replaced.problem()
	}
	if p := diskProblem(err); p != nil && ctx.Err() == nil {
		return p
	}
	p := &problem.Problem{Err: err}
	operation, action := "the request", "an action"
	var op *smithy.OperationError
	if errors.As(err, &op) {
		operation, action = op.OperationName, cmp.Or(actionPrefixes[op.ServiceID], "dynamodb")+":"+op.OperationName
	}
	switch code := awserr.Code(err); {
	case errors.Is(context.Cause(ctx), errDeadline):
		p.Summary, p.Err = "Run Timed Out", nil
		p.Cause = "The time allowed for the run is over."
		p.Next = "Allow more time in timeouts.create, or in timeout of an action, then apply again."
	case ctx.Err() != nil:
		p.Summary, p.Err = "Run Cancelled", nil
		p.Cause = "The apply was interrupted. What the counts name as done is done; nothing of this run is in the state."
		p.Next = "Apply again."
	case awserr.AccessDenied(err):
		p.Summary = "Permission Missing"
		p.Cause = fmt.Sprintf("These credentials may not call %s here.", action)
		p.Next = fmt.Sprintf("Allow %s on the table to the principal that the original error names, or use another profile or assume_role.", action)
	case awserr.CredentialsRefused(err):
		p.Summary = "Credentials Refused"
		p.Cause = "AWS does not accept the credentials (" + code + ")."
		p.Next = "Check profile, assume_role, the access key and the clock of this machine; renew credentials that have expired."
	case code == "ResourceNotFoundException":
		p.Summary = "Table Gone"
		p.Cause = "The table was there when the run began and is not any more."
		p.Next = "Find out who deleted it; create it, then apply again."
	case errors.Is(err, store.ErrExists):
		p.Summary, p.Err = "Item Exists At The Destination", nil
		p.Cause = "on_conflict is \"fail\", and the destination holds an item with the key of one that is to be copied. It is as it was."
		p.Next = "Empty the destination first, copy to another table, or choose with on_conflict = \"skip\" to keep such items, or \"overwrite\" to replace them."
	case errors.Is(err, store.ErrSameKey), awserr.SameKeys(err):
		p.Summary = "Two Items With One Key"
		p.Cause = "Two items of the source have the same key at the destination, which would keep only one of them."
		p.Next = "Leave one of them out, or copy to a table whose key distinguishes them."
	case code == "ValidationException":
		p.Summary = "Request Refused By DynamoDB"
		p.Cause = "DynamoDB found something in " + operation + " that it does not accept."
		p.Next = "See the original error."
	case code != "":
		p.Summary = "Request Failed"
		p.Cause = operation + " ended in " + code + "."
		p.Next = "See the original error; apply again when its cause is gone."
	default:
		p.Summary = "DynamoDB Cannot Be Reached"
		p.Cause = operation + " got no answer that can be used."
		p.Next = "Check the endpoint, the Region, the network and the proxy settings, then apply again."
	}
	return p
}

// actionPrefixes are those of the actions of services other than DynamoDB ("Service Authorization Reference").
var actionPrefixes = map[string]string{
	applicationautoscaling.ServiceID: "application-autoscaling", kms.ServiceID: "kms", lambda.ServiceID: "lambda", s3.ServiceID: "s3",
}

// errDeadline is the cause of a run's context when the run took longer than it may.
var errDeadline = errors.New("the run took longer than it may")

// prefixed turns the error of a connection into a problem with an argument of this side.
func prefixed(prefix string, err error) *problem.Problem {
	var p *problem.Problem
	if !errors.As(err, &p) {
		return &problem.Problem{Summary: "Cannot Connect To AWS", Attribute: strings.TrimSuffix(prefix, "."), Err: err}
	}
	placed := *p
	if placed.Attribute != "" {
		placed.Attribute = prefix + placed.Attribute
	}
	return &placed
}

// protected says that the table matches one of the patterns that no run may change.
func (e *Engine) protected(r job.Ref) *problem.Problem {
	for _, pattern := range e.ProtectedTables {
		if ok, err := path.Match(pattern, r.ShortName()); err != nil || ok {
			p := r.Problem(r.Attribute, "Table Is Protected")
			p.Cause = fmt.Sprintf("The provider's protected_tables hold %q: no run may write, purge or recreate such a table.", pattern)
			p.Next = "Name another table, or take the pattern out of protected_tables if this is meant."
			return p
		}
	}
	return nil
}
