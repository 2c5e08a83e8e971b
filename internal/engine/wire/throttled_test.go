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

// The exceptions that carry reasons.
const (
	provisioned = "ProvisionedThroughputExceededException"
	throttling  = "ThrottlingException"
)

// throttle refuses a request for these reasons.
func throttle(code string, reasons ...string) http.HandlerFunc {
	list := make([]string, len(reasons))
	for i, reason := range reasons {
		list[i] = fmt.Sprintf(`{"reason":%q,"resource":"arn:aws:dynamodb:eu-west-1:123456789012:table/orders"}`, reason)
	}
	member := map[string]string{provisioned: "ThrottlingReasons", throttling: "throttlingReasons"}[code] // The API spells it in two ways.
	return answer(http.StatusBadRequest, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"too fast",%q:[%s]}`, code, member, strings.Join(list, ",")))
}

// A reply counts the throttles that speak of the table as a whole. Those of single partitions say nothing of the rate that
// the table takes; the client counts them all the same.
func TestReplyCountsThrottlesOfTheTable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first, second http.HandlerFunc
		want          int
	}{
		"no reason":                         {throttle(provisioned), throttle(throttling), 2},
		"the table's provisioned units":     {throttle(provisioned, "TableWriteProvisionedThroughputExceeded"), throttle(provisioned, "TableWriteProvisionedThroughputExceeded"), 2},
		"the table's on-demand maximum":     {throttle(throttling, "TableWriteMaxOnDemandThroughputExceeded"), throttle(throttling, "TableReadMaxOnDemandThroughputExceeded"), 2},
		"the account's limit":               {throttle(throttling, "TableWriteAccountLimitExceeded"), throttle(throttling, "TableWriteAccountLimitExceeded"), 2},
		"an index":                          {throttle(provisioned, "IndexWriteProvisionedThroughputExceeded"), throttle(provisioned, "IndexWriteProvisionedThroughputExceeded"), 2},
		"a key range, provisioned":          {throttle(provisioned, "TableWriteKeyRangeThroughputExceeded"), throttle(provisioned, "TableReadKeyRangeThroughputExceeded"), 0},
		"a key range, on demand":            {throttle(throttling, "TableWriteKeyRangeThroughputExceeded"), throttle(throttling, "IndexWriteKeyRangeThroughputExceeded"), 0},
		"several key ranges":                {throttle(provisioned, "TableWriteKeyRangeThroughputExceeded", "IndexWriteKeyRangeThroughputExceeded"), throttle(provisioned, "TableWriteKeyRangeThroughputExceeded"), 0},
		"a key range and the whole table":   {throttle(provisioned, "TableWriteKeyRangeThroughputExceeded", "TableWriteProvisionedThroughputExceeded"), throttle(provisioned, "TableWriteKeyRangeThroughputExceeded"), 1},
		"a key range, then the whole table": {throttle(provisioned, "TableWriteKeyRangeThroughputExceeded"), throttle(provisioned, "TableWriteProvisionedThroughputExceeded"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, client, _ := serve(t, test.first, test.second, fine, fine)
			var reply wire.Reply
			if err := client.Do(t.Context(), wire.BatchWriteItem, []byte(`{}`), &reply); err != nil {
				t.Fatal(err)
			}
			if reply.Throttled != test.want || client.Throttled() != 2 || reply.Uncertain || len(s.requests) != 3 {
				t.Errorf("the reply counts %d throttles, want %d; the client %d of 2; uncertain %t; %d requests", reply.Throttled, test.want, client.Throttled(), reply.Uncertain, len(s.requests))
			}
			if err := client.Do(t.Context(), wire.BatchWriteItem, []byte(`{}`), &reply); err != nil || reply.Throttled != 0 {
				t.Errorf("a reply that is used again counts %d throttles (%v)", reply.Throttled, err)
			}
		})
	}
}
