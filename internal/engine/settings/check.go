// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Check returns what AWS would refuse in the request, by the rules of "CreateTable" in the API reference and of
// "Quotas in Amazon DynamoDB". A recreate calls it before it drops the table that the request is to create again.
func Check(request *dynamodb.CreateTableInput) []string {
	c := &checker{mode: request.BillingMode, used: map[string]bool{}, defined: map[string]bool{}, names: map[string]bool{}}
	if !tableName.MatchString(aws.ToString(request.TableName)) {
		c.fault("%q is not a valid table name: 3 to 255 letters, digits, and _ - .", aws.ToString(request.TableName))
	}
	for _, definition := range request.AttributeDefinitions {
		name := aws.ToString(definition.AttributeName)
		if c.defined[name] {
			c.fault("attribute %q is defined twice", name)
		}
		if !slices.Contains(definition.AttributeType.Values(), definition.AttributeType) {
			c.fault("attribute %q has type %q", name, definition.AttributeType)
		}
		c.defined[name] = true
	}
	c.key("the table", request.KeySchema, 1)
	c.throughput("the table", request.ProvisionedThroughput, request.OnDemandThroughput)
	for _, index := range request.LocalSecondaryIndexes {
		what := c.index(index.IndexName, index.KeySchema, index.Projection, 1)
		if len(request.KeySchema) < 2 {
			c.fault("%s needs a table with a sort key", what)
		}
		if len(index.KeySchema) < 2 {
			c.fault("%s has no sort key", what)
		}
		if len(index.KeySchema) > 0 && len(request.KeySchema) > 0 &&
			aws.ToString(index.KeySchema[0].AttributeName) != aws.ToString(request.KeySchema[0].AttributeName) {
			c.fault("%s lacks the table's partition key", what)
		}
	}
	for _, index := range request.GlobalSecondaryIndexes {
		what := c.index(index.IndexName, index.KeySchema, index.Projection, 4)
		c.throughput(what, index.ProvisionedThroughput, index.OnDemandThroughput)
	}
	if n := len(request.LocalSecondaryIndexes); n > 5 {
		c.fault("there are %d local secondary indexes, and at most 5 are allowed", n)
	}
	for name := range c.defined {
		if !c.used[name] && len(request.VectorIndexes) == 0 {
			c.fault("attribute %q is defined, but is not part of a key", name)
		}
	}
	if s := request.StreamSpecification; s != nil && aws.ToBool(s.StreamEnabled) != (s.StreamViewType != "") {
		c.fault("the stream is enabled: %t, and its view type is %q", aws.ToBool(s.StreamEnabled), s.StreamViewType)
	}
	if s := request.SSESpecification; s != nil && s.KMSMasterKeyId != nil && !aws.ToBool(s.Enabled) {
		c.fault("there is a KMS key, but encryption with it is not enabled")
	}
	if n := len(request.Tags); n > 50 {
		c.fault("there are %d tags, and at most 50 are allowed", n)
	}
	slices.Sort(c.faults)
	return c.faults
}

// tableName matches the valid names of tables and indexes ("Naming rules").
var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

type checker struct {
	mode                 types.BillingMode
	used, defined, names map[string]bool
	faults               []string
}

func (c *checker) fault(format string, arguments ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, arguments...))
}

// key checks a key that may have up to most attributes of each kind.
func (c *checker) key(what string, schema []types.KeySchemaElement, most int) {
	var hash, sort int
	in := map[string]bool{}
	for _, element := range schema {
		name := aws.ToString(element.AttributeName)
		if in[name] {
			c.fault("%s has attribute %q twice in its key", what, name)
		}
		in[name], c.used[name] = true, true
		if !c.defined[name] {
			c.fault("%s has key attribute %q, which has no type", what, name)
		}
		switch element.KeyType {
		case types.KeyTypeHash:
			if hash++; sort > 0 {
				c.fault("%s has a partition key after its sort key", what)
			}
		case types.KeyTypeRange:
			sort++
		default:
			c.fault("%s has key attribute %q of kind %q", what, name, element.KeyType)
		}
	}
	if hash == 0 || hash > most || sort > most {
		c.fault("%s has a key of %d partition and %d sort key attributes", what, hash, sort)
	}
}

// index checks what all kinds of indexes have in common, and returns how messages refer to this index.
func (c *checker) index(name *string, schema []types.KeySchemaElement, projection *types.Projection, most int) string {
	what := fmt.Sprintf("index %q", aws.ToString(name))
	if !tableName.MatchString(aws.ToString(name)) {
		c.fault("%s does not have a valid index name", what)
	}
	if c.names[aws.ToString(name)] {
		c.fault("%s is given twice", what)
	}
	c.names[aws.ToString(name)] = true
	c.key(what, schema, most)
	switch {
	case projection == nil || projection.ProjectionType == "":
		c.fault("%s has no projection", what)
	case (projection.ProjectionType == types.ProjectionTypeInclude) != (len(projection.NonKeyAttributes) > 0):
		c.fault("%s projects %s with %d attributes", what, projection.ProjectionType, len(projection.NonKeyAttributes))
	}
	return what
}

func (c *checker) throughput(what string, units *types.ProvisionedThroughput, most *types.OnDemandThroughput) {
	switch {
	case c.mode == types.BillingModePayPerRequest && units != nil:
		c.fault("%s is on-demand and has provisioned units", what)
	case c.mode != types.BillingModePayPerRequest &&
		(units == nil || aws.ToInt64(units.ReadCapacityUnits) < 1 || aws.ToInt64(units.WriteCapacityUnits) < 1):
		c.fault("%s is provisioned and has no units", what)
	case c.mode != types.BillingModePayPerRequest && most != nil:
		c.fault("%s is provisioned and has an on-demand maximum", what)
	case most != nil && most.MaxReadRequestUnits == nil && most.MaxWriteRequestUnits == nil:
		c.fault("%s has an on-demand maximum without a limit", what)
	}
}
