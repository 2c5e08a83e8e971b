// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

func operationName(bulk string) string {
	if bulk == "" {
		return "a bulk operation"
	}
	return "the bulk operation " + bulk
}

// bulkPutUnderWay begins the problem that a bulk operation of DynamoDB loads the table. The ARN of the operation is
// empty if it is not known.
func bulkPutUnderWay(table Use, bulk string) *problem.Problem {
	p := attempt.InUse(table.Identity, table.Attribute)
	p.Next = "Wait until it has ended, then apply again: the AWS CLI shows it with dynamodb describe-bulk-operation, " +
		"and ends it with dynamodb cancel-bulk-operation"
	if bulk != "" {
		p.Next += " --bulk-operation-arn " + bulk
	}
	p.Next += "."
	return p
}

// listPatience bounds the search for bulk operations that no record names. No run depends on it.
const listPatience = 5 * time.Second

// checkBulkPuts looks for bulk operations that the journal does not know: those of a run with another journal, or of
// another program. It needs dynamodb:ListBulkOperations, which cannot be limited to a table; a run that may not call it
// does without. Local servers have no such operations.
func checkBulkPuts(ctx context.Context, reads, writes Use) *problem.Problem {
	ctx, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	for _, table := range []Use{writes, reads} {
		if parsed, err := arn.Parse(table.ARN); err != nil || table.Loading || settings.IsLocalAccount(parsed.AccountID) {
			continue
		}
		under, err := managed.BulkPutsUnderWay(ctx, table.Client, table.ARN)
		if err != nil || len(under) == 0 {
			continue
		}
		p := bulkPutUnderWay(table, under[0])
		p.Cause = fmt.Sprintf("DynamoDB is loading items into this table with %s. It was started with another journal, or "+
			"by another program.", operationName(under[0]))
		return p
	}
	return nil
}
