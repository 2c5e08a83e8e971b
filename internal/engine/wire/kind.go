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

// kind is what an error means for the request that failed with it.
type kind int

// The kinds of errors.
const (
	// final errors recur however often the request is sent: no permission, no such table, a bad request.
	final kind = iota
	// throttle means that requests come too fast: the same request succeeds later.
	throttle
	// temporary errors are those of the service or the connection. The request may or may not have been carried
	// out.
	temporary
	// expired credentials signed the request, which was not carried out.
	expired
	// conflict means that another request, a transaction or another Region is writing the item. The same
	// request succeeds once that write is done.
	conflict
)

// kindOf classifies an error by the SDK's own rules.
func (c *Client) kindOf(err error) kind {
	switch code := awserr.Code(err); {
	case awserr.Throttled(err):
		return throttle
	case errors.Is(err, errChecksum), errors.Is(err, context.DeadlineExceeded):
		// The run's own deadline has been checked before. This one is that of fetching credentials.
		return temporary
	case skewCodes[code]:
		// correctClock has corrected the clock if it was wrong. Otherwise it is the signature that is wrong.
		if c.skew.Load() != 0 {
			return temporary
		}
		return final
	case expiredCodes[code]:
		return expired
	case conflictCodes[code]:
		return conflict
	case awserr.Passes(err):
		return temporary
	}
	return final
}

// keyRange reports whether a throttle concerns a single partition. DynamoDB's reason names the resource, the
// operation and the limit, as in TableWriteKeyRangeThroughputExceeded ("Diagnosing throttling").
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

// expiredCodes are the codes with which AWS refuses expired temporary credentials ("Common Errors" in the
// Amazon DynamoDB API Reference, "Error responses" in that of AWS STS).
var expiredCodes = map[string]bool{"ExpiredTokenException": true, "ExpiredToken": true}

// conflictCodes are the codes of writes that collide with another write of the same item ("PutItem" and
// "DeleteItem" in the Amazon DynamoDB API Reference). The SDK does not retry such requests.
var conflictCodes = map[string]bool{"TransactionConflictException": true, "ReplicatedWriteConflictException": true}

// skewCodes are the codes with which AWS refuses a request that was signed with a wrong time.
var skewCodes = map[string]bool{
	"InvalidSignatureException": true, "SignatureDoesNotMatch": true, "RequestTimeTooSkewed": true, "RequestExpired": true,
}

// maxSkew is how far our clock may be off before it is corrected. The service accepts signatures up to 5
// minutes off, and the SDK corrects from 4.
const maxSkew = 4 * time.Minute

// correctClock adopts the service's time when ours is too far off for its signatures.
func (c *Client) correctClock(response *http.Response) {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return
	}
	if ahead := time.Until(date); ahead.Abs() > maxSkew {
		c.skew.Store(int64(ahead))
	}
}
