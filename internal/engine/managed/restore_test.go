// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// A restored table is complete only when its vector index is ACTIVE too: otherwise the next recreate would be refused.
func TestRestoreWaitsForVectorIndex(t *testing.T) {
	t.Parallel()
	account := newAccount(t)
	account.Create(t, &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: everysetting.Attributes("id"), KeySchema: everysetting.Key("id"),
		VectorIndexes: []types.VectorIndex{{
			IndexName: aws.String("near"), Dimensions: aws.Int64(3), DistanceFunction: types.VectorDistanceFunctionCosine,
			Projection:      &types.Projection{ProjectionType: types.ProjectionTypeAll},
			VectorAttribute: &types.VectorAttributeDefinition{AttributeName: aws.String("v")},
		}},
	})
	is := func(status types.IndexStatus) {
		account.Server.EditTable(everysetting.Region, account.AccessKey, "orders", func(d *types.TableDescription) {
			d.VectorIndexes[0].IndexStatus = status
		})
	}
	is(types.IndexStatusCreating)
	sleeps := 0
	sleep := func(context.Context, time.Duration) error {
		if sleeps++; sleeps == 3 {
			is(types.IndexStatusActive)
		}
		return nil
	}
	restore := managed.Restore{Client: account.DynamoDB, Table: "orders", Sleep: sleep}
	if err := restore.Await(t.Context()); err != nil || sleeps != 3 {
		t.Errorf("waited %d times, want 3: %v", sleeps, err)
	}
}
