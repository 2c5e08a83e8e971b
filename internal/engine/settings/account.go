// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Own checks that a table that was given by its ARN is in the caller's account. The other services know a table by
// its name only, and would answer for a table of that name in the caller's account. The error is a *problem.Problem,
// or the SDK's.
func Own(ctx context.Context, client *dynamodb.Client, table *types.TableDescription) error {
	found, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: table.TableName})
	if err == nil && aws.ToString(found.Table.TableArn) == aws.ToString(table.TableArn) {
		return nil
	}
	if err != nil && awserr.Code(err) != "ResourceNotFoundException" && !awserr.AccessDenied(err) {
		return err
	}
	return &problem.Problem{
		Summary: "Table Of Another Account", Attribute: "table", Table: aws.ToString(table.TableArn),
		Cause: "The table is in another account than the credentials. Its resource policy may let other accounts read " +
			"and write the items, but it cannot let them see all of its settings.",
		Next: "Use credentials of the table's account, with profile or assume_role.",
	}
}
