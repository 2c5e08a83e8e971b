// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// kind says what an error means for the request that met it.
type kind int

// The kinds of errors.
const (
	// final errors come again however often the request is sent: no permission, no such table, a bad request.
	final kind = iota
	// throttle means too fast: the same request succeeds later.
	throttle
	// passing errors are the service's or the connection's; the request may or may not have been carried out.
	passing
	// expired credentials signed the request, which has not been carried out.
	expired
	// conflict means that another request or transaction, or another Region, writes the item at this moment: the same request succeeds
	// when that is done.
	conflict
)

// kindOf classifies an error by the SDK's own rules.
func (c *Client) kindOf(err error) kind {
	switch code := awserr.Code(err); {
	case awserr.Throttled(err):
		return throttle
	case errors.Is(err, errChecksum), errors.Is(err, context.DeadlineExceeded):
		// The run's own deadline has been looked at before: this one is that of fetching credentials.
		return passing
	case skewCodes[code]:
		// correctClock has set the clock right if it was wrong; if it was not, the signature is.
		if c.skew.Load() != 0 {
			return passing
		}
		return final
	case expiredCodes[code]:
		return expired
	case conflictCodes[code]:
		return conflict
	case awserr.Passes(err):
		return passing
	}
	return final
}

// keyRange says whether a throttle is that of a single partition. DynamoDB gives the reason as the resource, the operation
// and the limit, such as TableWriteKeyRangeThroughputExceeded ("Diagnosing throttling").
func keyRange(err error) bool {
	var reasons []types.ThrottlingReason
	var provisioned *types.ProvisionedThroughputExceededException
	var throttling *types.ThrottlingException
	switch {
	case errors.As(err, &provisioned):
		reasons = provisioned.ThrottlingReasons
	case errors.As(err, &throttling):
		reasons = throttling.ThrottlingReasons
	}
	return len(reasons) > 0 && !slices.ContainsFunc(reasons, func(r types.ThrottlingReason) bool {
		return !strings.Contains(aws.ToString(r.Reason), "KeyRange")
	})
}

// expiredCodes are the codes with which AWS refuses temporary credentials whose time is over ("Common Errors" in the Amazon
// DynamoDB API Reference, "Error responses" in that of AWS STS).
var expiredCodes = map[string]bool{"ExpiredTokenException": true, "ExpiredToken": true}

// conflictCodes are those of writes that met another one of the same item ("PutItem" and "DeleteItem" in the Amazon DynamoDB API
// Reference). The SDK does not send such requests again.
var conflictCodes = map[string]bool{"TransactionConflictException": true, "ReplicatedWriteConflictException": true}

// skewCodes are the codes that a request signed with a wrong time meets.
var skewCodes = map[string]bool{"InvalidSignatureException": true, "SignatureDoesNotMatch": true, "RequestTimeTooSkewed": true, "RequestExpired": true}

// maxSkew is the difference of clocks up to which the service accepts a signature is 5 minutes; the SDK corrects from 4.
const maxSkew = 4 * time.Minute

// correctClock takes over the service's time when ours is too far off for its signatures.
func (c *Client) correctClock(response *http.Response) {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return
	}
	if ahead := time.Until(date); ahead.Abs() > maxSkew {
		c.skew.Store(int64(ahead))
	}
}
