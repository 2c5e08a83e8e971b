// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// TableSettings is a table with all of its settings.
type TableSettings struct {
	*settings.Snapshot
	Status string
	// Items and Bytes are as DynamoDB counted them up to six hours ago ("DescribeTable").
	Items, Bytes int64
}

// TableSettings reads the settings of a table, given by its name or its ARN. It returns nil for a table that does not
// exist, or is being deleted. The error is a *problem.Problem.
func (e *Engine) TableSettings(ctx context.Context, table string, side awsconn.Side) (*TableSettings, error) {
	r, p := job.TableRef(table, side).Locate()
	if p != nil {
		return nil, p
	}
	clients, p := e.settingsClients(ctx, r)
	if p != nil {
		return nil, p
	}
	r.Side.Region = clients.DynamoDB.Options().Region
	described, err := clients.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(r.Name)})
	if gone(err) || err == nil && described.Table.TableStatus == types.TableStatusDeleting {
		return nil, nil
	}
	if err != nil {
		return nil, openProblem(ctx, r, err)
	}
	snapshot, err := settings.Read(ctx, clients, r.Name)
	if gone(err) {
		return nil, nil // Deleted meanwhile.
	}
	if err != nil {
		return nil, openProblem(ctx, r, err)
	}
	shown, err := snapshot.Shown()
	if err != nil {
		return nil, err
	}
	return &TableSettings{
		Snapshot: shown, Status: string(described.Table.TableStatus), Items: value(described.Table.ItemCount), Bytes: value(described.Table.TableSizeBytes),
	}, nil
}

// gone says that there is no such table. Some operations have an error of their own for that.
func gone(err error) bool {
	var resource *types.ResourceNotFoundException
	var table *types.TableNotFoundException
	return errors.As(err, &resource) || errors.As(err, &table)
}

// settingsClients are the clients of the services that keep the settings of the side's tables.
func (e *Engine) settingsClients(ctx context.Context, r job.Ref) (clients settings.Clients, p *problem.Problem) {
	r, p = r.Locate()
	if p != nil {
		return clients, p
	}
	var errs [4]error
	clients.DynamoDB, errs[0] = e.Connections.DynamoDB(ctx, r.Side)
	clients.AutoScaling, errs[1] = e.Connections.AutoScaling(ctx, r.Side)
	clients.Lambda, errs[2] = e.Connections.Lambda(ctx, r.Side)
	clients.KMS, errs[3] = e.Connections.KMS(ctx, r.Side)
	if err := errors.Join(errs[:]...); err != nil {
		return clients, prefixed(r.Prefix, err)
	}
	return clients, nil
}

// warmRemark says that AWS charges for the warm throughput of a table that is made with those settings.
func warmRemark(ctx context.Context, t *table, attribute string, made *settings.Snapshot) *problem.Problem {
	warmth, err := made.Warmth()
	switch {
	case err != nil:
		return requestProblem(ctx, err)
	case warmth == "":
		return nil
	}
	p := t.about(attribute, "Warm Throughput Is Charged For")
	p.Warning = true
	p.Cause = "The new table gets the warm throughput that it is to have, for which AWS charges once: " + warmth + "."
	p.Next = "See the prices of warm throughput. A table whose items are deleted one by one keeps what it has, without a charge."
	return p
}
