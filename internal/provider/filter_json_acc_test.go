// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// Values as DynamoDB JSON compare binaries, which HCL does not have.
func TestAccFilter_valuesJSON(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	hash := func(b byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: []byte{0, b}} }
	a.put("orders", item{"id": s("1"), "hash": hash(1)}, item{"id": s("2"), "hash": hash(2)}, item{"id": s("3"), "hash": s("AAE=")})
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `
resource "dynamoops_table_purge" "this" {
  table = "orders"
  filter = {
    expression  = "#h = :hash"
    names       = { "#h" = "hash" }
    values_json = jsonencode({ ":hash" = { B = "AAE=" } })
  }
}`),
		ConfigStateChecks: []statecheck.StateCheck{ledger("dynamoops_table_purge.this", "items_deleted", 1, 2)},
	})
}
