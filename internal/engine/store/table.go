// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// Table is a table as it was when the run began, with the clients to reach it.
type Table struct {
	// Name is the table as the user gave it, a name or an ARN; it is what requests carry.
	Name string
	// Description is DescribeTable's answer. Its ItemCount and TableSizeBytes are up to six hours old: good for estimates,
	// never for decisions.
	Description *types.TableDescription
	// Key is the primary key: partition key, then sort key if there is one.
	Key []item.KeyAttribute

	client *wire.Client
}

// ErrNotActive is the error of OpenTable for a table that cannot be used at the moment.
var ErrNotActive = errors.New("the table is not ACTIVE")

// OpenTable describes the table, given by name or ARN. The error is the SDK's, or ErrNotActive.
func OpenTable(ctx context.Context, client *dynamodb.Client, name, userAgent string) (*Table, error) {
	t := &Table{Name: name}
	// The SDK only logs that an answer's checksum is wrong, so one that was damaged on its way is found by its missing
	// key.
	const attempts = 5
	for range attempts {
		answer, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
		if err != nil {
			return nil, err
		}
		t.Description = answer.Table
		if t.Key = t.keyOf(answer.Table.KeySchema); t.keyComplete() {
			break
		}
	}
	if !t.keyComplete() {
		return nil, errNoKey
	}
	// UPDATING tables, such as one whose index is being built, can be read and written like ACTIVE ones.
	if status := t.Description.TableStatus; status != types.TableStatusActive && status != types.TableStatusUpdating {
		return t, fmt.Errorf("%w: its status is %s", ErrNotActive, status)
	}
	var err error
	t.client, err = wire.New(ctx, client, name, userAgent)
	return t, err
}

// keyComplete reports whether the type of each attribute of the key is known.
func (t *Table) keyComplete() bool {
	return len(t.Key) > 0 && len(t.Key) == len(t.Description.KeySchema)
}

// PlannedTable returns the table that the request will create, as far as it is known. It cannot be read or written.
func PlannedTable(request *dynamodb.CreateTableInput, tableARN string) *Table {
	description := &types.TableDescription{
		TableName: request.TableName, TableArn: aws.String(tableARN), KeySchema: request.KeySchema,
		AttributeDefinitions: request.AttributeDefinitions,
		BillingModeSummary: &types.BillingModeSummary{
			BillingMode: request.BillingMode,
		}, OnDemandThroughput: request.OnDemandThroughput,
		StreamSpecification: request.StreamSpecification,
	}
	if p := request.ProvisionedThroughput; p != nil {
		description.ProvisionedThroughput = &types.ProvisionedThroughputDescription{
			ReadCapacityUnits:  p.ReadCapacityUnits,
			WriteCapacityUnits: p.WriteCapacityUnits,
		}
	}
	for _, index := range request.GlobalSecondaryIndexes {
		planned := types.GlobalSecondaryIndexDescription{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection,
			OnDemandThroughput: index.OnDemandThroughput,
		}
		if p := index.ProvisionedThroughput; p != nil {
			planned.ProvisionedThroughput = &types.ProvisionedThroughputDescription{
				ReadCapacityUnits:  p.ReadCapacityUnits,
				WriteCapacityUnits: p.WriteCapacityUnits,
			}
		}
		description.GlobalSecondaryIndexes = append(description.GlobalSecondaryIndexes, planned)
	}
	for _, index := range request.LocalSecondaryIndexes {
		description.LocalSecondaryIndexes = append(description.LocalSecondaryIndexes, types.LocalSecondaryIndexDescription{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection,
		})
	}
	t := &Table{Name: aws.ToString(request.TableName), Description: description}
	t.Key = t.keyOf(request.KeySchema)
	return t
}

// Now returns the table's current description. A recent change may not be visible: DescribeTable is eventually
// consistent ("DescribeTable" in the Amazon DynamoDB API Reference).
func (t *Table) Now(ctx context.Context) (*types.TableDescription, error) {
	body, err := t.client.Encode(ctx, wire.DescribeTable, &dynamodb.DescribeTableInput{TableName: aws.String(t.Name)})
	if err != nil {
		return nil, err
	}
	var reply wire.Reply
	if err := t.client.Do(ctx, wire.DescribeTable, body, &reply); err != nil {
		return nil, err
	}
	var answer dynamodb.DescribeTableOutput
	err = t.client.Decode(ctx, wire.DescribeTable, reply.Body, &answer)
	return answer.Table, err
}

var errNoKey = errors.New("the answer to DescribeTable has no key")

// ARN is the table's ARN.
func (t *Table) ARN() string { return aws.ToString(t.Description.TableArn) }

// Where returns the account and the Region in the table's ARN, empty if it has none.
func (t *Table) Where() (account, region string) {
	parsed, err := arn.Parse(t.ARN())
	if err != nil {
		return "", ""
	}
	return parsed.AccountID, parsed.Region
}

// Throttled returns how many requests to the table have been throttled.
func (t *Table) Throttled() int64 { return t.client.Throttled() }

// Index describes one of the table's secondary indexes.
type Index struct {
	Key        []item.KeyAttribute
	Projection types.ProjectionType
	Global     bool
	// Status is that of a global index, empty for a local one.
	Status types.IndexStatus
}

// Index returns the index of that name. That there is none is its one error.
func (t *Table) Index(name string) (Index, error) {
	for _, index := range t.Description.GlobalSecondaryIndexes {
		if aws.ToString(index.IndexName) == name {
			return Index{
				Key:        t.keyOf(index.KeySchema),
				Projection: index.Projection.ProjectionType,
				Global:     true,
				Status:     index.IndexStatus,
			}, nil
		}
	}
	for _, index := range t.Description.LocalSecondaryIndexes {
		if aws.ToString(index.IndexName) == name {
			return Index{Key: t.keyOf(index.KeySchema), Projection: index.Projection.ProjectionType}, nil
		}
	}
	return Index{}, fmt.Errorf("the table has no such index: %q", name)
}

// IndexInCreation returns the name of a global index that is being created, empty if there is none.
func (t *Table) IndexInCreation() string {
	for _, index := range t.Description.GlobalSecondaryIndexes {
		if index.IndexStatus == types.IndexStatusCreating {
			return aws.ToString(index.IndexName)
		}
	}
	return ""
}

// IndexKeys are the attributes that are in the key of a secondary index.
func (t *Table) IndexKeys() []item.KeyAttribute {
	var all []item.KeyAttribute
	for _, index := range t.Description.GlobalSecondaryIndexes {
		all = append(all, t.keyOf(index.KeySchema)...)
	}
	for _, index := range t.Description.LocalSecondaryIndexes {
		all = append(all, t.keyOf(index.KeySchema)...)
	}
	slices.SortFunc(all, func(a, b item.KeyAttribute) int { return strings.Compare(a.Name, b.Name) })
	return slices.Compact(all)
}

// Keys returns the keys of the table and of those indexes for which it refuses items that do not fit. An index that is
// being created or deleted is not among them: AWS does not document what it refuses meanwhile.
func (t *Table) Keys() item.Keys { return t.keys(false) }

// keys are the table's key and those of its indexes, also those that are being made or removed if passing says so.
func (t *Table) keys(passing bool) item.Keys {
	keys := item.Keys{Table: t.Key}
	add := func(name *string, schema []types.KeySchemaElement) {
		index := item.IndexKey{Name: aws.ToString(name)}
		for _, element := range schema {
			attribute := t.keyOf([]types.KeySchemaElement{element})
			if element.KeyType == types.KeyTypeHash {
				index.Partition = append(index.Partition, attribute...)
			} else {
				index.Sort = append(index.Sort, attribute...)
			}
		}
		keys.Indexes = append(keys.Indexes, index)
	}
	for _, index := range t.Description.GlobalSecondaryIndexes {
		if passing || index.IndexStatus != types.IndexStatusCreating && index.IndexStatus != types.IndexStatusDeleting {
			add(index.IndexName, index.KeySchema)
		}
	}
	for _, index := range t.Description.LocalSecondaryIndexes {
		add(index.IndexName, index.KeySchema)
	}
	return keys
}

// keyOf joins a key schema with the types of its attributes. A key schema is a list: indexes may have up to four
// partition and four sort attributes.
func (t *Table) keyOf(schema []types.KeySchemaElement) []item.KeyAttribute {
	key := make([]item.KeyAttribute, 0, len(schema))
	for _, element := range schema {
		name := aws.ToString(element.AttributeName)
		i := slices.IndexFunc(t.Description.AttributeDefinitions, func(d types.AttributeDefinition) bool {
			return aws.ToString(d.AttributeName) == name
		})
		if i >= 0 {
			key = append(
				key,
				item.KeyAttribute{Name: name, Type: item.Kind(t.Description.AttributeDefinitions[i].AttributeType)},
			)
		}
	}
	return key
}
