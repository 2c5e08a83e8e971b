// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// errNoAnswer is the error for an answer that says nothing of what was asked about.
var errNoAnswer = errors.New("the answer says nothing of the job")

// Refused reports whether the error means that nothing was done. After any other one, such as a lost answer, it may
// have been.
func Refused(err error) bool {
	if _, found := errors.AsType[*problem.Problem](err); found {
		return true
	}
	return awserr.Refused(err)
}

// Lasting reports whether the error would come again if the same were asked once more.
func Lasting(err error) bool { return Refused(err) && !awserr.Passes(err) }

// unrepeated is for a request that would start a second job: it is repeated only where AWS has refused it for coming
// too fast.
func unrepeated() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}}
	})
}
