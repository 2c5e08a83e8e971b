// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	cryptorand "crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// peakMB is the memory that the provider may take, in MiB.
const peakMB = 128

// A copy and a purge through a proxy that loses, refuses, delays and corrupts come out exact, in bounded memory.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	const count = 200_000
	server, err := dynamodblocal.Start(t.Context(), dynamodblocal.Options{MemoryMB: 3000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	account := cryptorand.Text()
	client := server.Client(region, account)
	create(t, client, "faults-source")
	create(t, client, "faults-copy")
	parcels := table{client: client, name: "faults-source", item: parcel}
	parcels.fill(t, count)

	proxy := faultproxy.New(server.URL, faultproxy.Faults{
		Seed: 1, Throttle: 0.05, Unprocessed: 0.1, ServerError: 0.02, DropBefore: 0.01, DropAfter: 0.02, Corrupt: 0.02, Slow: 0.02, SlowFor: 100 * time.Millisecond,
	})
	t.Cleanup(proxy.Close)
	w := newWorkspace(t, proxy.URL, account, `
resource "dynamoops_table_copy" "all" {
  source      = { table = "faults-source" }
  destination = { table = "faults-copy" }
  verify      = "full"
}

resource "dynamoops_table_purge" "few" {
  table      = "faults-copy"
  filter     = { expression = "n < :few", values = { ":few" = 10000 } }
  depends_on = [dynamoops_table_copy.all]
}
`)
	peak := watchPeak(t)
	state := w.apply()
	if mb := peak(); mb > peakMB {
		t.Errorf("the provider took %d MiB, more than %d", mb, peakMB)
	} else {
		t.Logf("the provider took %d MiB", mb)
	}

	left, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("faults-source")})
	if err != nil || aws.ToInt64(left.Table.ItemCount) != count {
		t.Errorf("the source is %+v, %v", left, err)
	}
	parcels.name = "faults-copy"
	parcels.expect(t, count, func(n int) bool { return n >= 10_000 })
	if state["dynamoops_table_copy.all"]["verified"] != true {
		t.Error("the copy was not verified")
	}
	copied, purged := state["dynamoops_table_copy.all"], state["dynamoops_table_purge.few"]
	for attribute, want := range map[string]int{"items_scanned": count, "items_written": count, "items_filtered": 0, "items_dropped": 0, "items_skipped": 0, "items_failed": 0} {
		expectNumber(t, copied, attribute, want)
	}
	for attribute, want := range map[string]int{"items_scanned": 10_000, "items_deleted": 10_000, "items_filtered": count - 10_000, "items_failed": 0} {
		expectNumber(t, purged, attribute, want)
	}
	if throttled, ok := copied["throttled_requests"].(float64); !ok || throttled == 0 {
		t.Errorf("throttled_requests is %v", copied["throttled_requests"])
	}
	injected := proxy.Injected()
	t.Logf("injected: %+v", injected)
	if injected.Throttle == 0 || injected.Unprocessed == 0 || injected.ServerError == 0 || injected.DropBefore == 0 || injected.DropAfter == 0 || injected.Slow == 0 || injected.Corrupt == 0 {
		t.Errorf("not every fault was injected: %+v", injected)
	}
}

// parcel is the n-th item of a table whose items are as large as orders, and cost DynamoDB Local a quarter less. In TestThirtySchedules the
// same faults strike orders.
func parcel(n int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: strconv.Itoa(n)}, "n": &types.AttributeValueMemberN{Value: strconv.Itoa(n)},
		"label": &types.AttributeValueMemberS{Value: strings.Repeat(fmt.Sprintf("parcel %06d, ", n), 32)},
	}
}

func expectNumber(t *testing.T, attributes map[string]any, name string, want int) {
	t.Helper()
	if got := fmt.Sprint(attributes[name]); got != fmt.Sprint(float64(want)) {
		t.Errorf("%s is %v, want %d", name, got, want)
	}
}
