// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// A copy to S3 that leaves the method open is AWS's own export where that can be what is wanted, and a scan elsewhere; the reason says
// why, and the estimate says the same.
func TestAccTableCopy_autoChooses(t *testing.T) {
	t.Parallel()
	acceptance(t)
	for name, test := range map[string]struct {
		source    string
		arguments string
		fail      string
		method    string
		reason    []string
		items     int
	}{
		"export":      {``, ``, ``, "export_import", []string{"takes no capacity", "point-in-time recovery"}, 300},
		"written out": {``, `method = "auto"`, ``, "export_import", []string{"takes no capacity"}, 300},
		"filter":      {``, `filter = { expression = "attribute_exists(id)" }`, ``, "scan", []string{"there is a filter"}, 300},
		"transform":   {``, `transform = [{ drop_if = "false" }]`, ``, "scan", []string{"transform changes the items"}, 300},
		"verify":      {``, `verify = "count"`, ``, "scan", []string{"verify reads"}, 300},
		"index":       {`, index = "by-status"`, ``, ``, "scan", []string{"an index is read"}, 300},
		"consistent":  {`, consistent_read = true`, ``, ``, "scan", []string{"consistent_read"}, 300},
		"sample":      {``, `sample_percent = 99.99999`, ``, "scan", []string{"a sample is wanted"}, 300},
		"no recovery": {``, ``, `none`, "scan", []string{"has no point-in-time recovery"}, 0},
		"not allowed": {``, ``, `AccessDeniedException`, "scan", []string{"cannot be found out"}, 300},
		"unknown":     {``, ``, `UnknownOperationException`, "scan", []string{"cannot be found out"}, 300},
		"asked for":   {``, `method = "scan"`, ``, "scan", []string{"scan is the method asked for"}, 300},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExporting(t)
			table := "from"
			if test.fail == "none" {
				table = "dest"
			} else if test.fail != "" {
				x.server.OnRequest(func(call controlplane.Call, _ []byte) error {
					if call.Operation == "DescribeContinuousBackups" {
						return &smithy.GenericAPIError{Code: test.fail}
					}
					return nil
				})
			}
			arguments := fmt.Sprintf("source = { table = %q%s }\n  destination = { s3 = { bucket = %q, prefix = \"kept\" } }\n  %s", table, test.source, x.storage.bucket, test.arguments)
			const estimate = "data.dynamoops_estimate.this"
			apply(t, resource.TestStep{
				Config: hcl(x.provider(), fmt.Sprintf("resource \"dynamoops_table_copy\" \"this\" {\n  %[1]s\n}\ndata \"dynamoops_estimate\" \"this\" {\n  %[1]s\n}", arguments)),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr(thisCopy, "method_used", test.method),
					resource.TestMatchResourceAttr(thisCopy, "method_reason", saying(test.reason...)),
					resource.TestCheckResourceAttr(estimate, "method_used", test.method),
					resource.TestMatchResourceAttr(estimate, "method_reason", saying(test.reason...)),
					resource.TestMatchResourceAttr(thisCopy, "destination_s3_prefix", saying("kept/AWSDynamoDB/")),
				),
				ConfigStateChecks: []statecheck.StateCheck{ledger(thisCopy, "items_written", int64(test.items), 0)},
			})
			exports := 0
			if test.method == "export_import" {
				exports = 1
			}
			x.expectCalls(map[string]int{"ExportTableToPointInTime": exports})
		})
	}
}

// Between tables there is nothing to choose: a scan needs nothing besides the two.
func TestAccTableCopy_autoScansBetweenTables(t *testing.T) {
	t.Parallel()
	acceptance(t)
	x := newExporting(t)
	apply(t, resource.TestStep{
		Config: hcl(x.provider(), "resource \"dynamoops_table_copy\" \"this\" {\n  source = { table = \"from\" }\n  destination = { table = \"dest\" }\n}"),
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(thisCopy, "method_used", "scan"),
			resource.TestMatchResourceAttr(thisCopy, "method_reason", saying("copies any table")),
		),
	})
	equal(t, x.scan("dest"), x.items, "id")
	x.expectCalls(map[string]int{"DescribeContinuousBackups": 0, "ExportTableToPointInTime": 0})
}

// A policy for a copy to S3 that leaves the method open allows both that it may be; with the method named, one of them.
func TestAccIAMPolicy_auto(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	const both = "data.dynamoops_iam_policy.this"
	policy := func(more string) string {
		return hcl(a.provider(), `
data "dynamoops_iam_policy" "this" {
  operation   = "copy"
  source      = { table = "arn:aws:dynamodb:eu-west-1:111122223333:table/from" }
  destination = { s3 = { bucket = "kept" } }
  `+more+`
}`)
	}
	allows := func(export, scan bool) resource.TestCheckFunc {
		return resource.TestCheckResourceAttrWith(both, "json", func(policy string) error {
			if strings.Contains(policy, "dynamodb:ExportTableToPointInTime") != export || strings.Contains(policy, `"dynamodb:Scan"`) != scan {
				return fmt.Errorf("the policy is %s", policy)
			}
			return nil
		})
	}
	apply(t,
		resource.TestStep{Config: policy(""), Check: allows(true, true)},
		resource.TestStep{Config: policy(`verify = "count"`), Check: allows(false, true)},
		resource.TestStep{Config: policy(`method = "scan"`), Check: allows(false, true)},
		resource.TestStep{Config: policy(`method = "export_import"`), Check: allows(true, false)},
	)
}
