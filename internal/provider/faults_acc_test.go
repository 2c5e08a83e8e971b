// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// What cannot get better is not tried again: it ends in one diagnostic that says what it is.
func TestAccFaults_endAtOnce(t *testing.T) {
	t.Parallel()
	acceptance(t)
	const items = 200 // 8 batches of 25 items.
	for name, test := range map[string]struct {
		kind, fails string
		reply       func() *faultproxy.Reply
		want        []string
		// most is how often the failing operation may be called: once for each time that it has something else to do.
		most int
	}{
		"describe denied":       {"dynamoops_table_copy", "DescribeTable", denied, []string{"Permission Missing", "may not call dynamodb:DescribeTable", "user/tester"}, 2},
		"describe unrecognized": {"dynamoops_table_copy", "DescribeTable", unrecognized, []string{"Credentials Refused", "UnrecognizedClientException"}, 2},
		"purge's describe":      {"dynamoops_table_purge", "DescribeTable", unrecognized, []string{"Credentials Refused", "UnrecognizedClientException"}, 1},
		"scan denied":           {"dynamoops_table_copy", "Scan", denied, []string{"Permission Missing", "Table: orders", "items read, 0 filtered out, 0 written", "may not call dynamodb:Scan"}, 16},
		"scan unrecognized":     {"dynamoops_table_copy", "Scan", unrecognized, []string{"Credentials Refused", "UnrecognizedClientException"}, 16},
		"write denied":          {"dynamoops_table_copy", "BatchWriteItem", denied, []string{"Permission Missing", "Table: copy", "0 written", "may not call dynamodb:BatchWriteItem"}, items / 25},
		"write unrecognized":    {"dynamoops_table_copy", "BatchWriteItem", unrecognized, []string{"Credentials Refused", "UnrecognizedClientException"}, items / 25},
		"table gone": {
			"dynamoops_table_copy", "BatchWriteItem",
			func() *faultproxy.Reply {
				return faultproxy.Error(400, "ResourceNotFoundException", "Requested resource not found")
			},
			[]string{"Table Gone", "was there when the run began"}, items / 25,
		},
		"delete denied": {"dynamoops_table_purge", "DeleteItem", denied, []string{"Permission Missing", "Table: orders", "0 filtered out, 0 deleted", "may not call dynamodb:DeleteItem"}, items},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("orders", "id:S")
			a.create("copy", "id:S")
			a.put("orders", orders(items)...)
			p := newProxy(t, a.url, func(operation string) *faultproxy.Reply {
				if operation == test.fails {
					return test.reply()
				}
				return nil
			})
			apply(t, resource.TestStep{
				Config:      hcl(a.through(p.URL).provider(), fmt.Sprintf("resource %q \"this\" {%s\n}", test.kind, runs[test.kind].config)),
				ExpectError: saying(append([]string{"Error: "}, test.want...)...),
			})
			if calls := p.Requests()[test.fails]; calls < 1 || calls > test.most {
				t.Errorf("%s was called %d times, want 1 to %d", test.fails, calls, test.most)
			}
		})
	}
}

// An endpoint that nobody listens on is named too.
func TestAccFaults_unreachable(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t).through("http://127.0.0.1:1")
	apply(t, resource.TestStep{
		Config:      hcl(a.provider("max_retries = 1"), fmt.Sprintf("resource \"dynamoops_table_purge\" \"this\" {%s\n}", runs["dynamoops_table_purge"].config)),
		ExpectError: saying("DynamoDB Cannot Be Reached", "dial tcp (endpoint)"), // The endpoint may be sensitive.
	})
}
