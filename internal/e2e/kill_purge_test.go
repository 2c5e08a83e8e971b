// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"crypto/rand"
	"strconv"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

// A purge whose provider is killed again and again counts every item that is gone, though nobody can find it a second time.
func TestKilledPurgeCounts(t *testing.T) {
	t.Parallel()
	const count, kills = 12_000, 4
	open := func(n int) bool { return n%3 == 0 }
	for name, test := range map[string]struct {
		filter         string
		deleted, units int
		left           func(n int) bool
	}{
		"all": {``, count, 1500, func(int) bool { return false }},
		"filter": {`filter = { expression = "#s = :open", names = { "#s" = "status" }, values = { ":open" = "OPEN" } }`,
			count / 3, 500, func(n int) bool { return !open(n) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := dynamodblocal.Shared(t)
			account := rand.Text()
			client := server.Client(region, account)
			create(t, client, "purged")
			orders := table{client: client, name: "purged", item: order}
			orders.fill(t, count)
			w := newWorkspace(t, server.URL, account, `
resource "dynamoops_table_purge" "all" {
  table  = "purged"
  method = "delete_items"
  `+test.filter+`

  # Small pages and a limit, so that there is always a middle to be killed in.
  throughput = { segments = 200, write_units = `+strconv.Itoa(test.units)+` }
}
`)
			for n := range int64(kills) {
				// What a killed attempt had under way is counted at the end of the last one, and is no progress until then.
				w.applyAndKill(int64(test.deleted)*n/10, time.Duration(50*n)*time.Millisecond)
			}
			attributes := w.apply()["dynamoops_table_purge.all"]
			expectNumber(t, attributes, "items_scanned", test.deleted)
			expectNumber(t, attributes, "items_deleted", test.deleted)
			if attributes["resumed"] != true {
				t.Error("the last attempt has not gone on where the others were")
			}
			orders.expect(t, count, test.left)
		})
	}
}
