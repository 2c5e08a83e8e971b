// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

var tableOperations = operations{
	"CreateTable":   of(createTable),
	"DescribeTable": of(describeTable),
	"DeleteTable":   of(deleteTable),
	"ListTables":    of(listTables),
}

// table is a table with all that DynamoDB keeps for it, save its items.
type table struct {
	place
	description types.TableDescription
	change      change

	tags       map[string]string
	policies   map[string]policy // by ARN, of the table and of its streams
	timeToLive timeToLive
	recovery   recovery
	kinesis    []*destination
	insights   map[string]*insights // by index; "" is the table
}

func (t *table) name() string { return aws.ToString(t.description.TableName) }
func (t *table) arn() string  { return aws.ToString(t.description.TableArn) }

// find returns the table of a name or an ARN, in whatever state.
func (r *request) find(name string) (*table, error) {
	resource, err := r.locate(name)
	if err != nil {
		return nil, err
	}
	t, ok := r.server.tables[resource.place][resource.table]
	if !ok || t.region != r.region {
		return nil, notFound(resource.table)
	}
	if _, shared := t.policies[t.arn()]; t.account != r.account && !shared {
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "No resource-based policy allows " +
			r.Operation}
	}
	return t, nil
}

// see returns the table for a request that sees its state.
func (r *request) see(name *string) (*table, error) {
	t, err := r.find(aws.ToString(name))
	if err != nil {
		return nil, err
	}
	t.change.look()
	return r.find(aws.ToString(name)) // which may just have gone
}

// seeActive returns the table for a request that needs it ACTIVE.
func (r *request) seeActive(name *string) (*table, error) {
	t, err := r.see(name)
	if err != nil {
		return nil, err
	}
	if status := t.description.TableStatus; status != types.TableStatusActive {
		return nil, &types.ResourceInUseException{Message: aws.String(
			"Attempt to change a resource which is still in use: Table is " + string(status) + ": " + t.name())}
	}
	return t, nil
}

func notFound(name string) error {
	return &types.ResourceNotFoundException{
		Message: aws.String("Requested resource not found: Table: " + name + " not found"),
	}
}

func createTable(r *request, in *dynamodb.CreateTableInput) (*dynamodb.CreateTableOutput, error) {
	resource, err := r.locate(aws.ToString(in.TableName))
	if err != nil {
		return nil, err
	}
	if resource.place != r.place {
		return nil, validation("A table can only be created in the account and the Region of the request")
	}
	in.TableName = &resource.table
	t, err := r.create(in)
	if err != nil {
		return nil, err
	}
	return &dynamodb.CreateTableOutput{TableDescription: t.describe()}, nil
}

// create makes a table, here and in DynamoDB Local, which is CREATING at first.
func (r *request) create(in *dynamodb.CreateTableInput) (*table, error) {
	if err := checkTable(in); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	if err := addTags(tags, in.Tags); err != nil {
		return nil, err
	}
	if _, err := r.see(in.TableName); err == nil {
		return nil, &types.ResourceInUseException{Message: aws.String("Table already exists: " + *in.TableName)}
	}
	t := &table{place: r.place, tags: tags, policies: map[string]policy{}, insights: map[string]*insights{}}
	var err error
	if t.description, err = r.newDescription(in); err != nil {
		return nil, err
	}
	if in.ResourcePolicy != nil {
		if err := t.putPolicy(t.arn(), *in.ResourcePolicy); err != nil {
			return nil, err
		}
	}
	if err := r.server.createLocal(r.place, in); err != nil {
		return nil, err
	}
	if r.server.tables[r.place] == nil {
		r.server.tables[r.place] = map[string]*table{}
	}
	r.server.tables[r.place][t.name()] = t
	r.begin(&t.change, t.settle)
	r.server.begin("UpdateContinuousBackups", &t.recovery.unavailable, func() {})
	return t, nil
}

// settle completes what CreateTable or UpdateTable began.
func (t *table) settle() {
	d := &t.description
	d.TableStatus = types.TableStatusActive
	d.WarmThroughput.Status = types.TableStatusActive
	d.GlobalSecondaryIndexes = slices.DeleteFunc(
		d.GlobalSecondaryIndexes,
		func(i types.GlobalSecondaryIndexDescription) bool {
			return i.IndexStatus == types.IndexStatusDeleting
		},
	)
	for i := range d.GlobalSecondaryIndexes {
		index := &d.GlobalSecondaryIndexes[i]
		index.IndexStatus, index.WarmThroughput.Status, index.Backfilling = types.IndexStatusActive, types.IndexStatusActive, nil
	}
	d.VectorIndexes = slices.DeleteFunc(d.VectorIndexes, func(i types.VectorIndexDescription) bool {
		return i.IndexStatus == types.IndexStatusDeleting
	})
	for i := range d.VectorIndexes {
		d.VectorIndexes[i].IndexStatus, d.VectorIndexes[i].Backfilling = types.IndexStatusActive, nil
	}
	for i := range d.Replicas {
		d.Replicas[i].ReplicaStatus = types.ReplicaStatusActive
	}
	d.AttributeDefinitions = usedDefinitions(d)
	if d.RestoreSummary != nil {
		d.RestoreSummary.RestoreInProgress = aws.Bool(false)
	}
}

func (t *table) describe() *types.TableDescription { return copyOf(&t.description) }

func describeTable(r *request, in *dynamodb.DescribeTableInput) (*dynamodb.DescribeTableOutput, error) {
	t, err := r.see(in.TableName)
	if err != nil {
		return nil, err
	}
	return &dynamodb.DescribeTableOutput{Table: t.describe()}, nil
}

// deleteTable refuses as the operation's reference says: a table that is CREATING or UPDATING is in use, one that is
// DELETING is not an error.
func deleteTable(r *request, in *dynamodb.DeleteTableInput) (*dynamodb.DeleteTableOutput, error) {
	t, err := r.see(in.TableName)
	if err != nil {
		return nil, err
	}
	switch t.description.TableStatus {
	case types.TableStatusDeleting:
		return &dynamodb.DeleteTableOutput{TableDescription: t.describe()}, nil
	case types.TableStatusCreating, types.TableStatusUpdating:
		return nil, inUse(t, "it is "+string(t.description.TableStatus))
	}
	switch {
	case aws.ToBool(t.description.DeletionProtectionEnabled):
		return nil, validation("Resource cannot be deleted as it is currently protected against deletion. Disable " +
			"deletion protection first.")
	case len(t.description.Replicas) > 0:
		return nil, validation("Table %s has replicas and cannot be deleted", t.name())
	case r.server.isBackedUp(t):
		return nil, inUse(t, "a backup of it is being created")
	}
	if t.recovery.enabled {
		if err := r.systemBackup(t); err != nil {
			return nil, err
		}
	}
	if err := r.server.sendLocal(t.place, "DeleteTable", in); err != nil {
		return nil, err
	}
	t.description.TableStatus = types.TableStatusDeleting
	r.begin(&t.change, func() { delete(r.server.tables[t.place], t.name()) })
	return &dynamodb.DeleteTableOutput{TableDescription: t.describe()}, nil
}

func inUse(t *table, why string) error {
	return &types.ResourceInUseException{Message: aws.String("Attempt to change a resource which is still in use: " +
		t.name() + ": " + why)}
}

// tablesPerPage is the most, and the usual number of, names in an answer of ListTables.
const tablesPerPage = 100

func listTables(r *request, in *dynamodb.ListTablesInput) (*dynamodb.ListTablesOutput, error) {
	names := slices.Sorted(maps.Keys(r.server.tables[r.place]))
	after := aws.ToString(in.ExclusiveStartTableName)
	names = slices.DeleteFunc(names, func(name string) bool { return name <= after })
	out := &dynamodb.ListTablesOutput{TableNames: names}
	if limit := int(aws.ToInt32(in.Limit)); limit < 0 || limit > tablesPerPage {
		return nil, validation("Limit must be from 1 to %d", tablesPerPage)
	} else if limit = max(limit, 0); len(names) > orDefault(limit, tablesPerPage) {
		out.TableNames = names[:orDefault(limit, tablesPerPage)]
		out.LastEvaluatedTableName = &out.TableNames[len(out.TableNames)-1]
	}
	return out, nil
}
