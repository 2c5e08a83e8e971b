// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// ClockSkew is how far the clocks of AWS, of this machine and of another one that uses the same journal may be apart.
const ClockSkew = 5 * time.Minute

// CreatedSince reports whether the table was made after that time.
func CreatedSince(d *types.TableDescription, sent time.Time) bool {
	return optional.Value(d.CreationDateTime).After(sent.Add(-ClockSkew))
}

// WithDeadline returns a context that ends after d, with the cause that a run reports as its time-out.
func WithDeadline(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, ErrDeadline)
}

// explained is an error that says itself what it means to a user.
type explained interface {
	error
	Problem() *problem.Problem
}

// Error says what the error of a request means to a user.
func Error(ctx context.Context, err error) *problem.Problem {
	if known, ok := errors.AsType[*problem.Problem](err); ok {
		p := *known
		return &p
	}
	if own, ok := errors.AsType[explained](err); ok {
		return own.Problem()
	}
	if p := Disk(err); p != nil && ctx.Err() == nil {
		return p
	}
	p := &problem.Problem{Err: err}
	operation, action := "the request", "an action"
	var op *smithy.OperationError
	if errors.As(err, &op) {
		operation, action = op.OperationName, cmp.Or(actionPrefixes[op.ServiceID], "dynamodb")+":"+op.OperationName
	}
	switch code := awserr.Code(err); {
	case errors.Is(context.Cause(ctx), ErrDeadline):
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
		p.Next = fmt.Sprintf("Allow %s on the table to the principal that the original error names, or use another "+
			"profile or assume_role.", action)
	case awserr.CredentialsRefused(err):
		p.Summary = "Credentials Refused"
		p.Cause = "AWS does not accept the credentials (" + code + ")."
		p.Next = "Check profile, assume_role, the access key and the clock of this machine; renew credentials that have " +
			"expired."
	case code == "ResourceNotFoundException":
		p.Summary = "Table Gone"
		p.Cause = "The table was there when the run began and is not any more."
		p.Next = "Find out who deleted it; create it, then apply again."
	case errors.Is(err, store.ErrExists):
		p.Summary, p.Err = "Item Exists At The Destination", nil
		p.Cause = "on_conflict is \"fail\", and the destination holds an item with the key of one that is to be copied. " +
			"It is as it was."
		p.Next = "Empty the destination first, copy to another table, or choose with on_conflict = \"skip\" to keep such " +
			"items, or \"overwrite\" to replace them."
	case store.SameKeys(err):
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
	applicationautoscaling.ServiceID: "application-autoscaling", kms.ServiceID: "kms", lambda.ServiceID: "lambda",
	s3.ServiceID: "s3",
}

// ErrDeadline is the cause of a run's context when the run took longer than it may.
var ErrDeadline = errors.New("the run took longer than it may")

// Within makes the error of a connection a problem with an argument of that end of the run.
func Within(prefix string, err error) *problem.Problem {
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

// Gone reports whether the error is that the table does not exist. Operations have different errors for that.
func Gone(err error) bool {
	var resource *types.ResourceNotFoundException
	var table *types.TableNotFoundException
	return errors.As(err, &resource) || errors.As(err, &table)
}
