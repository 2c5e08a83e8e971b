// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package wire_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// The exceptions that have reasons.
const (
	provisioned = "ProvisionedThroughputExceededException"
	throttling  = "ThrottlingException"
)

// The reasons for throttling ("Diagnosing throttling" in the Amazon DynamoDB Developer Guide).
const (
	tableProvisioned = "TableWriteProvisionedThroughputExceeded"
	tableWriteMost   = "TableWriteMaxOnDemandThroughputExceeded"
	tableReadMost    = "TableReadMaxOnDemandThroughputExceeded"
	accountLimit     = "TableWriteAccountLimitExceeded"
	indexProvisioned = "IndexWriteProvisionedThroughputExceeded"
	writeKeyRange    = "TableWriteKeyRangeThroughputExceeded"
	readKeyRange     = "TableReadKeyRangeThroughputExceeded"
	indexKeyRange    = "IndexWriteKeyRangeThroughputExceeded"
)

// throttle returns a handler that throttles a request for these reasons.
func throttle(code string, reasons ...string) http.HandlerFunc {
	list := make([]string, len(reasons))
	for i, reason := range reasons {
		list[i] = fmt.Sprintf(`{"reason":%q,"resource":"arn:aws:dynamodb:eu-west-1:123456789012:table/orders"}`, reason)
	}
	// The API spells the member in two ways.
	member := map[string]string{provisioned: "ThrottlingReasons", throttling: "throttlingReasons"}[code]
	const body = `{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"too fast",%q:[%s]}`
	return answer(http.StatusBadRequest, fmt.Sprintf(body, code, member, strings.Join(list, ",")))
}

// A reply counts the throttles that concern the table as a whole. Those of single partitions say nothing about
// the rate that the table takes. The client counts all of them.
func TestReplyCountsThrottlesOfTheTable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first, second http.HandlerFunc
		want          int
	}{
		"no reason": {
			first: throttle(provisioned), second: throttle(throttling), want: 2,
		},
		"the table's provisioned units": {
			first: throttle(provisioned, tableProvisioned), second: throttle(provisioned, tableProvisioned), want: 2,
		},
		"the table's on-demand maximum": {
			first: throttle(throttling, tableWriteMost), second: throttle(throttling, tableReadMost), want: 2,
		},
		"the account's limit": {
			first: throttle(throttling, accountLimit), second: throttle(throttling, accountLimit), want: 2,
		},
		"an index": {
			first: throttle(provisioned, indexProvisioned), second: throttle(provisioned, indexProvisioned), want: 2,
		},
		"a key range, provisioned": {
			first: throttle(provisioned, writeKeyRange), second: throttle(provisioned, readKeyRange), want: 0,
		},
		"a key range, on demand": {
			first: throttle(throttling, writeKeyRange), second: throttle(throttling, indexKeyRange), want: 0,
		},
		"several key ranges": {
			first: throttle(provisioned, writeKeyRange, indexKeyRange), second: throttle(provisioned, writeKeyRange), want: 0,
		},
		"a key range and the whole table": {
			first: throttle(provisioned, writeKeyRange, tableProvisioned), second: throttle(provisioned, writeKeyRange), want: 1,
		},
		"a key range, then the whole table": {
			first: throttle(provisioned, writeKeyRange), second: throttle(provisioned, tableProvisioned), want: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, client, _ := serve(t, test.first, test.second, fine, fine)
			var reply wire.Reply
			if err := client.Do(t.Context(), wire.BatchWriteItem, []byte(`{}`), &reply); err != nil {
				t.Fatal(err)
			}
			if reply.Throttled != test.want || client.Throttled() != 2 || reply.Uncertain || len(s.requests) != 3 {
				t.Errorf("the reply counts %d throttles, want %d; the client %d of 2; uncertain %t; %d requests",
					reply.Throttled, test.want, client.Throttled(), reply.Uncertain, len(s.requests))
			}
			if err := client.Do(t.Context(), wire.BatchWriteItem, []byte(`{}`), &reply); err != nil || reply.Throttled != 0 {
				t.Errorf("a reused reply counts %d throttles (%v)", reply.Throttled, err)
			}
		})
	}
}
