// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// A run that may consume so many units a second takes at least as long as its units last. A slow machine takes longer.
func TestAccThroughput_limits(t *testing.T) {
	t.Parallel()
	acceptance(t)
	const items = 300 // Of one write unit, and half a read unit, each.
	for name, test := range map[string]struct {
		resource, throughput string
		seconds              float64
	}{
		"write_units":   {"copy", "write_units = 150", 2},
		"write_percent": {"copy", "write_percent = 50", 1.5},
		"read_units":    {"copy", "read_units = 10", 0.5},
		"purge":         {"purge", "write_units = 150", 2},
		"no limit":      {"copy", "concurrency = 1, segments = 3", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			a.create("from", "id:S")
			a.put("from", orders(items)...)
			schema, definitions := keySchema("id:S")
			if _, err := a.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
				TableName: aws.String("copy"), KeySchema: schema, AttributeDefinitions: definitions, BillingMode: types.BillingModeProvisioned,
				ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(400), WriteCapacityUnits: aws.Int64(400)},
			}); err != nil {
				t.Fatal(err)
			}
			config := hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "copy" }
  throughput  = { %s }
}`, test.throughput))
			if test.resource == "purge" {
				config = hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_purge" "this" {
  table      = "from"
  throughput = { %s }
}`, test.throughput))
			}
			address := "dynamoops_table_" + test.resource + ".this"
			apply(t, resource.TestStep{Config: config, Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(address, "items_scanned", strconv.Itoa(items)),
				resource.TestCheckResourceAttrWith(address, "duration_seconds", func(value string) error {
					seconds, err := strconv.ParseFloat(value, 64)
					if err == nil && seconds < 0.9*test.seconds {
						err = fmt.Errorf("it took %v s, at least %v s are needed", seconds, test.seconds)
					}
					return err
				}),
			)})
		})
	}
}

// Another limit holds for the next run and runs nothing; a percentage of no limit is refused.
func TestAccThroughput_isNoPartOfTheRun(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("copy", "id:S")
	config := func(throughput string) string {
		return hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "copy" }
  throughput  = %s
}`, throughput))
	}
	inPlace := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("dynamoops_table_copy.this", plancheck.ResourceActionUpdate)}}
	apply(t,
		resource.TestStep{Config: config("{ write_percent = 10 }"), ExpectError: saying("Percentage Of No Limit", "throughput.write_units")},
		resource.TestStep{Config: config("{ write_units = 10, write_percent = 10 }"), ExpectError: saying("Invalid Attribute Combination")},
		resource.TestStep{Config: config("null")},
		resource.TestStep{Config: config("{ write_units = 100 }"), ConfigPlanChecks: inPlace},
		resource.TestStep{Config: config("{ read_units = 100 }"), ConfigPlanChecks: inPlace},
	)
}
