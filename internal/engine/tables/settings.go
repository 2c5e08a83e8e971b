// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// Settings is a table with all of its settings.
type Settings struct {
	*settings.Snapshot
	Status string
	// Items and Bytes are as DynamoDB counted them up to six hours ago ("DescribeTable").
	Items, Bytes int64
}

// ReadSettings reads the settings of a table, given by its name or its ARN. It returns nil for a table that does not
// exist, or is being deleted. The error is a *problem.Problem.
func ReadSettings(ctx context.Context, e *Env, table string, side awsconn.Connection) (*Settings, error) {
	r, p := job.TableRef(table, side).Locate()
	if p != nil {
		return nil, p
	}
	clients, p := SettingsClients(ctx, e, r)
	if p != nil {
		return nil, p
	}
	r.Connection.Region = clients.DynamoDB.Options().Region
	described, err := clients.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(r.Name)})
	if explain.Gone(err) || err == nil && described.Table.TableStatus == types.TableStatusDeleting {
		return nil, nil
	}
	if err != nil {
		return nil, openProblem(ctx, r, err)
	}
	snapshot, err := settings.Read(ctx, clients, r.Name)
	if explain.Gone(err) {
		return nil, nil // Deleted meanwhile.
	}
	if err != nil {
		return nil, openProblem(ctx, r, err)
	}
	shown, err := snapshot.Shown()
	if err != nil {
		return nil, err
	}
	return &Settings{
		Snapshot: shown, Status: string(described.Table.TableStatus), Items: optional.Value(described.Table.ItemCount),
		Bytes: optional.Value(described.Table.TableSizeBytes),
	}, nil
}
