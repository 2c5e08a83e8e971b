// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// S3In explains the error of an end of a run that is in S3, or of its connection.
func S3In(ctx context.Context, prefix, place string, err error) *problem.Problem {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return Within(prefix, p)
	}
	return S3(ctx, prefix+"s3", place, err)
}

// S3 explains the error of a place in S3 that the argument names.
func S3(ctx context.Context, attribute, place string, err error) *problem.Problem {
	if ctx.Err() != nil {
		return Error(ctx, err)
	}
	if line, ok := errors.AsType[*store.LineError](err); ok && !InS3(err) {
		return File(attribute, line.File, err)
	}
	p := &problem.Problem{Summary: "S3 Cannot Be Used", Attribute: attribute, Err: err}
	content, wrong := errors.AsType[*store.S3Error](err)
	if !wrong {
		p.Cause = S3Cause(err, place)
		p.Next = "Check the bucket's name, the Region, which is the provider's unless region says another, and the " +
			"permissions of the principal that the original error names."
		return p
	}
	p.Err = nil
	p.Cause = fmt.Sprintf("%s: %v.", content.Object, content.Err)
	form, misformed := errors.AsType[*store.FormError](err)
	switch {
	case misformed:
		p.Summary = "Malformed Object"
		p.Next = form.Do
	case errors.Is(err, store.ErrNoExport):
		p.Summary = "No Export There"
		p.Next = "Give the prefix that the export was made to, or its folder AWSDynamoDB/ID. An export is complete once " +
			"its manifest-summary.json exists. Objects with one item per line and no manifests are read with format = " +
			"\"jsonl\"." + madeFirst
	case errors.Is(err, store.ErrManyExports):
		p.Summary = "More Than One Export"
		p.Next = "Give one of them as the prefix."
	case errors.Is(err, store.ErrNoObjects):
		p.Summary = "Nothing To Read"
		p.Next = "Check the prefix: it is a folder, or the key of one object." + madeFirst
	case errors.Is(err, store.ErrUnfitExport):
		p.Summary = "Not A Full Export"
		p.Next = "Make a full export in DynamoDB JSON."
	case errors.Is(err, store.ErrArchived):
		p.Summary = "Archived Object"
		p.Next = "Restore it and wait until it is restored (aws s3api restore-object), with all others of its place that " +
			"are archived, or give another place; then apply again."
	case errors.Is(err, store.ErrObjectReplaced):
		p.Summary = "Object Replaced"
		p.Next = "Apply again when nothing writes to this place any more."
	default:
		p.Summary = "Damaged Objects"
		p.Next = "Copy the objects from where they come once more, or make another export."
	}
	return p
}

// InS3 reports whether the error is that of a request to S3.
func InS3(err error) bool {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	return ok && operation.ServiceID == s3.ServiceID
}

// s3Actions are the IAM actions of requests whose names differ from theirs ("Actions, resources, and condition keys for
// Amazon S3" in the Service Authorization Reference).
var s3Actions = map[string]string{
	"ListObjectsV2": "ListBucket",
	"HeadBucket":    "ListBucket",
	"HeadObject":    "GetObject",
	"DeleteObjects": "DeleteObject",
}

// S3Cause explains the error of a request to S3 about something such as "the journal".
func S3Cause(err error, what string) string {
	action := "this"
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok {
		action = "s3:" + operation.OperationName
		if other, ok := s3Actions[operation.OperationName]; ok {
			action = "s3:" + other
		}
	}
	switch code := awserr.Code(err); {
	case code == "":
		return "S3 gave no answer that can be used when " + what + " was asked for."
	case awserr.AccessDenied(err):
		return fmt.Sprintf("These credentials may not call %s on %s.", action, what)
	case code == "NoSuchBucket", code == "NotFound": // Only a bucket is asked for like that, and missed.
		return fmt.Sprintf("There is no such bucket as that of %s.", what)
	case code == "PermanentRedirect", code == "AuthorizationHeaderMalformed", code == "IllegalLocationConstraintException":
		return fmt.Sprintf("The bucket of %s is in another Region than the one asked.", what)
	case awserr.CredentialsRefused(err):
		return "S3 does not accept the credentials (" + code + ")."
	default:
		return fmt.Sprintf("%s on %s ended in %s.", action, what, code)
	}
}
