// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// A purge that insists on point-in-time recovery has to be allowed to look for it, and no more than that.
func TestAccIAMPolicy_requiresRecovery(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	a.put("orders", item{"id": s("1"), "sort": s("a")})
	a.recoverable("orders")
	arn, since := a.arn("orders"), len(server.Calls())
	const purge = "method = \"delete_items\"\n  require_pitr = true"
	apply(t, resource.TestStep{
		Config: a.recreateConfig(purge) + fmt.Sprintf(`
data "dynamoops_iam_policy" "this" {
  operation = "purge"
  table     = %q
  %s
}`, arn, purge),
		Check: resource.TestCheckResourceAttrWith("data.dynamoops_iam_policy.this", "json", func(policy string) error {
			want := map[permission]bool{}
			for _, call := range needed(server.Calls()[since:]) {
				want[permission{call.Service + ":" + call.Operation, arn}] = true
			}
			given, err := allowed(policy)
			if err == nil && !maps.Equal(given, want) {
				return fmt.Errorf("the policy allows\n%v\nthe run called\n%v", given, want)
			}
			return err
		}),
	})
}

// recoverable turns on the point-in-time recovery of a table. The first requests for a new table are refused.
func (a *account) recoverable(table string) {
	a.t.Helper()
	input := &dynamodb.UpdateContinuousBackupsInput{
		TableName: &table, PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}
	for range 10 {
		_, err := a.client.UpdateContinuousBackups(a.t.Context(), input)
		if _, early := errors.AsType[*types.ContinuousBackupsUnavailableException](err); early {
			continue
		}
		if err != nil {
			a.t.Fatal(err)
		}
		return
	}
	a.t.Fatal("point-in-time recovery stays unavailable")
}
