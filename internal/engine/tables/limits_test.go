// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// The tasks of a distributed run have together what one process would have: of units the table's and its indexes', of a percentage
// the table's alone.
func TestShareOfThroughput(t *testing.T) {
	t.Parallel()
	provisioned := &tables.Table{Table: store.PlannedTable(&dynamodb.CreateTableInput{
		BillingMode: types.BillingModeProvisioned, ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(400), WriteCapacityUnits: aws.Int64(1000)},
	}, "")}
	const tasks = 4
	for name, given := range map[string]job.Throughput{
		"units": {ReadUnits: 100, WriteUnits: 200}, "percentages": {ReadPercent: 50, WritePercent: 40}, "no limit": {},
	} {
		all, found := tables.LimitsOf(given, provisioned, "", provisioned)
		share, more := tables.LimitsOf(given.Share(tasks), provisioned, "", provisioned)
		if len(found)+len(more) > 0 {
			t.Fatal(found, more)
		}
		if got := (tables.Limits{Read: share.Read * tasks, Write: share.Write * tasks, OfTable: share.OfTable}); got != all {
			t.Errorf("with %s the tasks have %+v, one process has %+v", name, got, all)
		}
	}
}
