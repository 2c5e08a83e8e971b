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

// Own makes sure that a table given by its ARN is one of the caller's account. By its name, which is how the other services
// know it, it would be another table in another account. The error is a *problem.Problem, or the SDK's.
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
		Cause: "The table belongs to another account than the credentials. Such a table can be read and written if its resource policy says so, but not all of its settings can be seen from outside.",
		Next:  "Use credentials of the table's account, with profile or assume_role.",
	}
}
