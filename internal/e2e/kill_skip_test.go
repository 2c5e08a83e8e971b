// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"crypto/rand"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// A copy that keeps what the destination has counts exactly, though its provider is killed again and again and answers are
// lost: what it has put itself is no conflict. The first items are there before it, with another content.
func TestKilledAndResumedKeepingItems(t *testing.T) {
	t.Parallel()
	const count, there, kills = 8_000, 500, 4
	server := dynamodblocal.Shared(t)
	account := rand.Text()
	client := server.Client(region, account)
	create(t, client, "kept-source")
	create(t, client, "kept-copy")
	orders := table{client: client, name: "kept-source", item: order}
	orders.fill(t, count)
	key := func(n int) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: strconv.Itoa(n)}}
	}
	for n := range there {
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("kept-copy"), Item: key(n)}); err != nil {
			t.Fatal(err)
		}
	}
	proxy := faultproxy.New(server.URL, faultproxy.Faults{Seed: 3, DropAfter: 0.005, ServerError: 0.005})
	t.Cleanup(proxy.Close)
	w := newWorkspace(t, proxy.URL, account, `
resource "dynamoops_table_copy" "all" {
  source      = { table = "kept-source" }
  destination = { table = "kept-copy" }
  on_conflict = "skip"
  verify      = "full"

  # Small pages and a limit, so that there is always a middle to be killed in.
  throughput = { segments = 400, write_units = 1200 }
}
`)
	for n := range int64(kills) {
		w.applyAndKill(count*n/(kills+1), 100*time.Millisecond)
	}
	attributes := w.apply()["dynamoops_table_copy.all"]
	expectNumber(t, attributes, "items_scanned", count)
	expectNumber(t, attributes, "items_written", count-there)
	expectNumber(t, attributes, "items_skipped", there)
	if attributes["resumed"] != true || attributes["verified"] != true {
		t.Errorf("resumed is %v, verified is %v", attributes["resumed"], attributes["verified"])
	}
	t.Logf("%d puts; without a kill it takes %d; injected %+v", proxy.Requests()["PutItem"], count, proxy.Injected())
	for n := range there {
		old, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("kept-copy"), Key: key(n), ReturnValues: types.ReturnValueAllOld})
		if err != nil || len(old.Attributes) != 1 {
			t.Fatalf("order %d was there with its key alone, and now is %v (%v)", n, old.Attributes, err)
		}
	}
	orders.name = "kept-copy"
	orders.expect(t, count, func(n int) bool { return n >= there })
}
