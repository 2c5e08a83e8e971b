// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The limits of "Quotas in Amazon DynamoDB".
const (
	maxGlobalIndexes     = 20
	maxLocalIndexes      = 5
	maxIndexKeyOfType    = 4 // hash attributes, and range attributes, of a global secondary index
	maxNonKeyAttributes  = 100
	maxTimeToLiveName    = 255
	maxRecoveryPeriod    = 35
	maxTags              = 50
	maxPolicyBytes       = 20 << 10
	maxKinesisOfTable    = 2
	minOnDemandWarmRead  = 12_000
	minOnDemandWarmWrite = 4_000
)

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

func parameter(format string, arguments ...any) error {
	return validation("One or more parameter values were invalid: "+format, arguments...)
}

// checkTable refuses what CreateTable refuses.
func checkTable(in *dynamodb.CreateTableInput) error {
	checks := []func(*dynamodb.CreateTableInput) error{
		checkKeys,
		checkLocalIndexes,
		checkGlobalIndexes,
		checkVectorIndexes,
		checkCapacity,
	}
	for _, check := range checks {
		if err := check(in); err != nil {
			return err
		}
	}
	return checkDefinitions(in.AttributeDefinitions, usedBy(in))
}

func checkKeys(in *dynamodb.CreateTableInput) error {
	if !namePattern.MatchString(aws.ToString(in.TableName)) {
		return validation("Invalid table/index name. Table/index names must be between 3 and 255 characters long")
	}
	if hash, ranges, ordered := keyTypes(in.KeySchema); !ordered || hash != 1 || ranges > 1 {
		return parameter("Invalid KeySchema: a table has one HASH key and at most one RANGE key, in this order")
	}
	return nil
}

// keyTypes counts the attributes of each type, and reports whether the hash attributes come first.
func keyTypes(schema []types.KeySchemaElement) (hash, ranges int, ordered bool) {
	for _, element := range schema {
		switch {
		case element.KeyType == types.KeyTypeHash && ranges == 0:
			hash++
		case element.KeyType == types.KeyTypeRange && hash > 0:
			ranges++
		default:
			return 0, 0, false
		}
	}
	return hash, ranges, true
}

func checkLocalIndexes(in *dynamodb.CreateTableInput) error {
	if in.LocalSecondaryIndexes != nil && len(in.LocalSecondaryIndexes) == 0 {
		return parameter("List of LocalSecondaryIndexes is empty")
	}
	if len(in.LocalSecondaryIndexes) > maxLocalIndexes {
		return parameter("Number of LocalSecondaryIndexes exceeds per-table limit of %d", maxLocalIndexes)
	}
	for _, index := range in.LocalSecondaryIndexes {
		hash, ranges, ordered := keyTypes(index.KeySchema)
		switch {
		case len(in.KeySchema) < 2:
			return parameter("Table KeySchema does not have a range key, which is required when specifying a " +
				"LocalSecondaryIndex")
		case !ordered || hash != 1 || ranges != 1:
			return parameter(
				"Index KeySchema of %s: a local secondary index has a HASH and a RANGE key",
				aws.ToString(index.IndexName),
			)
		case aws.ToString(index.KeySchema[0].AttributeName) != aws.ToString(in.KeySchema[0].AttributeName):
			return parameter("Table KeySchema: the hash key of index %s is not the table's", aws.ToString(index.IndexName))
		}
		if err := checkProjection(index.IndexName, index.Projection); err != nil {
			return err
		}
	}
	return nil
}

func checkGlobalIndexes(in *dynamodb.CreateTableInput) error {
	if in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0 {
		return parameter("List of GlobalSecondaryIndexes is empty")
	}
	if len(in.GlobalSecondaryIndexes) > maxGlobalIndexes {
		return &types.LimitExceededException{Message: aws.String("GlobalSecondaryIndex per-table limit of 20 exceeded")}
	}
	names := map[string]bool{}
	for _, index := range in.LocalSecondaryIndexes {
		names[aws.ToString(index.IndexName)] = true
	}
	for _, index := range in.GlobalSecondaryIndexes {
		if names[aws.ToString(index.IndexName)] {
			return parameter("Duplicate index name: %s", aws.ToString(index.IndexName))
		}
		names[aws.ToString(index.IndexName)] = true
		if err := checkGlobalIndex(index); err != nil {
			return err
		}
	}
	projected := 0
	for _, index := range in.GlobalSecondaryIndexes {
		projected += len(index.Projection.NonKeyAttributes)
	}
	for _, index := range in.LocalSecondaryIndexes {
		projected += len(index.Projection.NonKeyAttributes)
	}
	if projected > maxNonKeyAttributes {
		return parameter("More than %d non-key attributes are projected into the indexes", maxNonKeyAttributes)
	}
	return nil
}

func checkGlobalIndex(index types.GlobalSecondaryIndex) error {
	hash, ranges, ordered := keyTypes(index.KeySchema)
	if !ordered || hash < 1 || hash > maxIndexKeyOfType || ranges > maxIndexKeyOfType {
		return parameter(
			"Invalid KeySchema of index %s: one to four HASH keys, then at most four RANGE keys",
			aws.ToString(index.IndexName),
		)
	}
	return checkProjection(index.IndexName, index.Projection)
}

func checkProjection(index *string, projection *types.Projection) error {
	if !namePattern.MatchString(aws.ToString(index)) {
		return validation("Invalid table/index name. Table/index names must be between 3 and 255 characters long")
	}
	if projection == nil || !slices.Contains(projection.ProjectionType.Values(), projection.ProjectionType) {
		return parameter("Unknown ProjectionType of index %s", *index)
	}
	if named := len(projection.NonKeyAttributes) > 0; named != (projection.ProjectionType == types.ProjectionTypeInclude) {
		return parameter(
			"ProjectionType of index %s is %s, and NonKeyAttributes: %t",
			*index,
			projection.ProjectionType,
			named,
		)
	}
	return nil
}

func checkVectorIndexes(in *dynamodb.CreateTableInput) error {
	for _, index := range in.VectorIndexes {
		if index.VectorAttribute == nil || aws.ToInt64(index.Dimensions) < 1 ||
			!slices.Contains(index.DistanceFunction.Values(), index.DistanceFunction) {
			return parameter(
				"Vector index %s needs an attribute, dimensions and a distance function",
				aws.ToString(index.IndexName),
			)
		}
		if err := checkProjection(index.IndexName, index.Projection); err != nil {
			return err
		}
	}
	return nil
}

// usedBy returns the attributes that are keys of the table or of an index.
func usedBy(in *dynamodb.CreateTableInput) map[string]bool {
	used := map[string]bool{}
	add := func(schema []types.KeySchemaElement) {
		for _, element := range schema {
			used[aws.ToString(element.AttributeName)] = true
		}
	}
	add(in.KeySchema)
	for _, index := range in.LocalSecondaryIndexes {
		add(index.KeySchema)
	}
	for _, index := range in.GlobalSecondaryIndexes {
		add(index.KeySchema)
	}
	for _, index := range in.VectorIndexes {
		for _, element := range index.SearchSchema {
			used[aws.ToString(element.AttributeName)] = true
		}
	}
	return used
}

// usedDefinitions returns the definitions that the table still needs.
func usedDefinitions(d *types.TableDescription) []types.AttributeDefinition {
	used := usedBy(convert[*dynamodb.CreateTableInput](d))
	return slices.DeleteFunc(
		d.AttributeDefinitions,
		func(a types.AttributeDefinition) bool { return !used[aws.ToString(a.AttributeName)] },
	)
}

// checkDefinitions asks for exactly one definition of each attribute that is used.
func checkDefinitions(definitions []types.AttributeDefinition, used map[string]bool) error {
	defined := map[string]bool{}
	for _, definition := range definitions {
		name := aws.ToString(definition.AttributeName)
		if defined[name] {
			return parameter("Duplicate AttributeName in AttributeDefinitions: %s", name)
		}
		if !slices.Contains(definition.AttributeType.Values(), definition.AttributeType) {
			return validation("AttributeType of %s must be S, N or B", name)
		}
		if !used[name] {
			return parameter("Number of attributes in KeySchema does not exactly match number of attributes defined in "+
				"AttributeDefinitions: %s is not used", name)
		}
		defined[name] = true
	}
	for name := range used {
		if !defined[name] {
			return parameter("Some index key attributes are not defined in AttributeDefinitions: %s", name)
		}
	}
	return nil
}
