// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

func TestCreateTableRefuses(t *testing.T) {
	t.Parallel()
	type input = dynamodb.CreateTableInput
	provisioned := func(in *input) { in.BillingMode, in.ProvisionedThroughput = types.BillingModeProvisioned, units(1, 1) }
	tests := map[string]func(*input){
		"a short name":                      func(in *input) { in.TableName = aws.String("ab") },
		"an unused definition":              func(in *input) { in.AttributeDefinitions = attributes("id", "other") },
		"a missing definition":              func(in *input) { in.KeySchema = keys("id", "at") },
		"two hash attributes in the table":  func(in *input) { in.KeySchema = append(keys("id"), keys("id")...) },
		"provisioned without throughput":    func(in *input) { in.BillingMode = types.BillingModeProvisioned },
		"no billing mode and no throughput": func(in *input) { in.BillingMode = "" },
		"on demand with throughput":         func(in *input) { in.ProvisionedThroughput = units(1, 1) },
		"on demand with throughput of zero": func(in *input) { in.ProvisionedThroughput = units(0, 0) },
		"provisioned with a maximum": func(in *input) {
			provisioned(in)
			in.OnDemandThroughput = &types.OnDemandThroughput{MaxReadRequestUnits: aws.Int64(5)}
		},
		"warm throughput below the usual": func(in *input) { in.WarmThroughput = &types.WarmThroughput{ReadUnitsPerSecond: aws.Int64(1)} },
		"an empty list of indexes":        func(in *input) { in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{} },
		"a local index without the range key": func(in *input) {
			in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{{IndexName: aws.String("byDate"), KeySchema: keys("id", "date")}}
		},
		"two definitions of an attribute": func(in *input) { in.AttributeDefinitions = attributes("id", "id") },
		"an empty list of local indexes":  func(in *input) { in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{} },
		"a local index of another hash key": func(in *input) {
			in.KeySchema, in.AttributeDefinitions = keys("id", "at"), attributes("id", "at")
			in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{{
				IndexName: aws.String("byDate"), KeySchema: keys("at", "id"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			}}
		},
		"too large a policy": func(in *input) {
			in.ResourcePolicy = aws.String(`{"Statement":[{"Resource":"arn:aws:dynamodb:x"}],"Id":"` + strings.Repeat("x", 20<<10) + `"}`)
		},
		"too many tags": func(in *input) {
			for i := range 51 {
				in.Tags = append(in.Tags, types.Tag{Key: aws.String(fmt.Sprint(i)), Value: aws.String("v")})
			}
		},
		"an aws: tag":              func(in *input) { in.Tags = []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("y")}} },
		"a stream without a view":  func(in *input) { in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true)} },
		"a key without encryption": func(in *input) { in.SSESpecification = &types.SSESpecification{KMSMasterKeyId: aws.String("k")} },
		"a key of another Region": func(in *input) {
			in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), KMSMasterKeyId: aws.String("arn:aws:kms:us-east-1:1:key/k")}
		},
		"a policy of another table":          func(in *input) { in.ResourcePolicy = aws.String(`{"Statement":[{"Resource":"arn:aws:dynamodb:x"}]}`) },
		"a policy that is none":              func(in *input) { in.ResourcePolicy = aws.String(`{}`) },
		"an on-demand index with throughput": func(in *input) { withIndex(in); in.GlobalSecondaryIndexes[0].ProvisionedThroughput = units(0, 0) },
		"an index without throughput":        func(in *input) { withIndex(in); provisioned(in) },
		"an index of five hash attributes": func(in *input) {
			withIndex(in)
			in.GlobalSecondaryIndexes[0].KeySchema = hashes("id", "id", "id", "id", "id")
		},
		"an index without a projection": func(in *input) { withIndex(in); in.GlobalSecondaryIndexes[0].Projection = nil },
		"two indexes of one name":       func(in *input) { withIndex(in); withIndex(in) },
		"a projection of keys with attributes": func(in *input) {
			withIndex(in)
			in.GlobalSecondaryIndexes[0].Projection.NonKeyAttributes = []string{"x"}
		},
		"a vector index without its dimensions": func(in *input) {
			in.VectorIndexes = []types.VectorIndex{vectorIndex()}
			in.VectorIndexes[0].Dimensions = nil
		},
	}
	f := setUp(t)
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// What the SDK refuses itself has no code of an API.
			if _, err := f.CreateTable(t.Context(), orders(edit)); err == nil {
				t.Error("accepted")
			} else if got := code(err); got != "ValidationException" && got != "LimitExceededException" && !regexp.MustCompile("missing required field").MatchString(got) {
				t.Error(err)
			}
		})
	}
}

func withIndex(in *dynamodb.CreateTableInput) {
	in.AttributeDefinitions = attributes("id", "date")
	in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, globalIndex("byDate", keys("date")))
}

func hashes(names ...string) []types.KeySchemaElement {
	var schema []types.KeySchemaElement
	for _, name := range names {
		schema = append(schema, keys(name)...)
	}
	return schema
}

func TestIndexesOfManyAttributes(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	schema := append(hashes("a", "b", "c", "d"), keys("x", "e", "f", "g", "h")[1:]...)
	d := f.create(t, orders(func(in *dynamodb.CreateTableInput) {
		in.AttributeDefinitions = attributes("id", "a", "b", "c", "d", "e", "f", "g", "h")
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{globalIndex("wide", schema), globalIndex("narrow", keys("a"))}
	}))
	if len(d.GlobalSecondaryIndexes) != 2 || len(d.GlobalSecondaryIndexes[0].KeySchema) != 8 || len(d.AttributeDefinitions) != 9 {
		t.Errorf("got %+v", d)
	}
	f.put(t, "orders", 1)
	_, err := f.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String("orders"), IndexName: aws.String("narrow"), KeyConditionExpression: aws.String("a = :a"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":a": &types.AttributeValueMemberS{Value: "1"}},
	})
	wantCode(t, err, "")

	// Indexes that DynamoDB Local knows can still come and go.
	for _, update := range []types.GlobalSecondaryIndexUpdate{
		{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: aws.String("late"), KeySchema: keys("h"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
		{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("late")}},
		{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("wide")}},
	} {
		_, err := f.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
			TableName: aws.String("orders"), GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{update},
		})
		wantCode(t, err, "")
		f.settled(t, "orders")
	}
	if d := f.describe(t, "orders"); len(d.GlobalSecondaryIndexes) != 1 || len(d.AttributeDefinitions) != 2 {
		t.Errorf("got %+v", d)
	}
}

func vectorIndex() types.VectorIndex {
	return types.VectorIndex{
		IndexName: aws.String("near"), VectorAttribute: &types.VectorAttributeDefinition{AttributeName: aws.String("v")},
		Dimensions: aws.Int64(3), DistanceFunction: types.VectorDistanceFunctionCosine,
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
	}
}

func TestNamesLookLikeThoseOfAWS(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.create(t, orders(func(in *dynamodb.CreateTableInput) {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly}
	}))
	for pattern, got := range map[string]*string{
		`^arn:aws:dynamodb:eu-west-1:\d{12}:table/orders$`:                                              d.TableArn,
		`^arn:aws:dynamodb:eu-west-1:\d{12}:table/orders/stream/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$`: d.LatestStreamArn,
		"^" + regexp.QuoteMeta(controlplane.TableARN(region, f.accessKey, "orders")) + "$":              d.TableArn,
		"^" + regexp.QuoteMeta(*d.TableArn+"/stream/"+aws.ToString(d.LatestStreamLabel)) + "$":          d.LatestStreamArn,
	} {
		if !regexp.MustCompile(pattern).MatchString(aws.ToString(got)) {
			t.Errorf("%s does not match %s", aws.ToString(got), pattern)
		}
	}
	if _, err := uuid.Parse(*d.TableId); err != nil {
		t.Error(err)
	}
}

func TestTableARNIsAName(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	arn := *f.create(t, orders()).TableArn
	f.put(t, arn, 1)
	_, err := f.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{arn: {{PutRequest: &types.PutRequest{Item: item(2)}}}},
	})
	do(t, err)
	_, err = f.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: &arn, Item: item(3)}}},
	})
	do(t, err)
	if got := f.count(t, arn); got != 3 {
		t.Errorf("%d items", got)
	}
	f.drop(t, arn)
}

func TestStatesOfATable(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.server.SetLooks("CreateTable", 2)
	name := aws.String("orders")
	created, err := f.CreateTable(t.Context(), orders(withIndex))
	do(t, err)
	if created.TableDescription.TableStatus != types.TableStatusCreating ||
		created.TableDescription.GlobalSecondaryIndexes[0].IndexStatus != types.IndexStatusCreating {
		t.Errorf("got %+v", created.TableDescription)
	}
	_, err = f.CreateTable(t.Context(), orders())
	wantCode(t, err, "ResourceInUseException")
	_, err = f.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: name})
	wantCode(t, err, "ResourceInUseException")
	if d := f.settled(t, "orders"); d.GlobalSecondaryIndexes[0].IndexStatus != types.IndexStatusActive {
		t.Errorf("got %+v", d)
	}

	protect := &dynamodb.UpdateTableInput{TableName: name, DeletionProtectionEnabled: aws.Bool(true)}
	updated, err := f.UpdateTable(t.Context(), protect)
	do(t, err)
	if updated.TableDescription.TableStatus != types.TableStatusUpdating {
		t.Errorf("got %+v", updated.TableDescription)
	}
	_, err = f.UpdateTable(t.Context(), protect)
	wantCode(t, err, "ResourceInUseException")
	f.settled(t, "orders")
	_, err = f.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: name})
	wantCode(t, err, "ValidationException")
	_, err = f.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: name, DeletionProtectionEnabled: aws.Bool(false)})
	do(t, err)
	f.settled(t, "orders")

	f.server.SetLooks("DeleteTable", 2)
	_, err = f.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: name})
	do(t, err)
	_, err = f.CreateTable(t.Context(), orders())
	wantCode(t, err, "ResourceInUseException")
	if status := f.describe(t, "orders").TableStatus; status != types.TableStatusDeleting {
		t.Errorf("status %s", status)
	}
	_, err = f.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: name})
	wantCode(t, err, "ResourceNotFoundException")
	f.create(t, orders())
}

func TestListTables(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	var want []string
	for _, name := range []string{"aaa", "bbb", "ccc"} {
		f.create(t, orders(func(in *dynamodb.CreateTableInput) { in.TableName = &name }))
		want = append(want, name)
	}
	var got []string
	in := &dynamodb.ListTablesInput{Limit: aws.Int32(2)}
	for {
		page, err := f.ListTables(t.Context(), in)
		do(t, err)
		got = append(got, page.TableNames...)
		if in.ExclusiveStartTableName = page.LastEvaluatedTableName; in.ExclusiveStartTableName == nil {
			break
		}
	}
	wantEqual(t, got, want)
}
