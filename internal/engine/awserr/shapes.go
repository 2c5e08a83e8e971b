// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awserr

import "sync"

// shapes are the messages that may be shown, as DynamoDB, DynamoDB Local and moto write them. The parts in
// braces vary. Names of attributes are not shown either: in an item they may be data. Where a name helps, the
// engine's own check of the item reports it.
var shapes = sync.OnceValue(func() []shape {
	var all []shape
	for _, list := range [][]string{itemMessages, expressionMessages, requestMessages} {
		for _, template := range list {
			all = append(all, newShape(template))
		}
	}
	return all
})

// invalid is the beginning of most messages about a value.
const invalid = "One or more parameter values were invalid: "

var itemMessages = []string{
	sameKeys,
	invalid + "Input collection of type {type} contains duplicates",
	invalid + "Input collection {any} contains duplicates",
	"Input collection contains duplicates",
	invalid + "An string set  may not be empty",
	invalid + "An number set  may not be empty",
	invalid + "An binary set  may not be empty",
	invalid + "Binary sets should not be empty",
	invalid + "Type mismatch for key {any} expected: {type} actual: {type}",
	invalid + "Type mismatch for key",
	invalid + "Type mismatch for Index Key {any} Expected: {type} Actual: {type} IndexName: {any}",
	invalid + "Type mismatch for Index Key",
	invalid + "Missing the key {any} in the item",
	"One of the required keys was not given a value",
	"Invalid attribute value type",
	invalid + "The AttributeValue for a key attribute cannot contain an empty string value. Key: {any}",
	invalid + "The AttributeValue for a key attribute cannot contain an empty binary value. Key: {any}",
	"One or more parameter values are not valid. " +
		"The AttributeValue for a key attribute cannot contain an empty string value. Key: {any}",
	"One or more parameter values are not valid. " +
		"The AttributeValue for a key attribute cannot contain an empty binary value. Key: {any}",
	"One or more parameter values are not valid. A value specified for a secondary index key is not supported. " +
		"The AttributeValue for a key attribute cannot contain an empty string value. IndexName: {any}, IndexKey: {any}",
	"One or more parameter values are not valid. A value specified for a secondary index key is not supported. " +
		"The AttributeValue for a key attribute cannot contain an empty binary value. IndexName: {any}, IndexKey: {any}",
	invalid + "Size of hashkey has exceeded the maximum size limit of2048 bytes",
	invalid + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
	invalid + "Size limit exceeded",
	"Hash primary key values must be under 2048 bytes, and range primary key values must be under 1024 bytes",
	"Item size has exceeded the maximum allowed size",
	"Item size to update has exceeded the maximum allowed size",
	"Collection size exceeded.",
	"Nesting Levels have exceeded supported limits",
	"Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
	"Empty attribute name",
	"Attribute name is too large, must be less than 65536 bytes",
	invalid + "Null attribute value types must have the value of true",
	"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
	"Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
	"A value provided cannot be converted into a number",
	"The parameter cannot be converted to a numeric value",
	"The parameter cannot be converted to a numeric value: {any}",
	"Attempting to store more than 38 significant digits in a Number",
	"DynamoDB only supports precision up to 38 digits",
	"Number overflow. Attempting to store a number with magnitude larger than supported range",
	"Number underflow. Attempting to store a number with magnitude smaller than supported range",
	"The provided key element does not match the schema",
	"The number of conditions on the keys is invalid",
	"The conditional request failed",
	"Duplicate primary key exists in table",
	"Transaction cancelled, please refer cancellation reasons for specific reasons {any}",
	"Transaction is ongoing for the item",
}

var expressionMessages = []string{
	"Invalid {expression}: The expression contains too many operators; operator count: {number}",
	"Invalid {expression}: Expression size has exceeded the maximum allowed size; expression size: {number}",
	"Invalid {expression}: Syntax error; token: {any}, near: {any}",
	"Invalid {expression}: The expression can not be empty;",
	"Invalid {expression}: The expression has redundant parentheses;",
	"Invalid {expression}: Attribute name is a reserved keyword; reserved keyword: {any}",
	"Invalid {expression}: An expression attribute value used in expression is not defined; " +
		"attribute value: {placeholder}",
	"Invalid {expression}: An expression attribute name used in the document path is not defined; " +
		"attribute name: {placeholder}",
	"Invalid {expression}: Incorrect operand type for operator or function; " +
		"operator or function: {operator}, operand type: {type}",
	"Invalid {expression}: Incorrect operand type for operator or function; operator: {operator}, operand type: {type}",
	"Invalid {expression}: Incorrect number of operands for operator or function; " +
		"operator or function: {operator}, number of operands: {number}",
	"Invalid {expression}: Invalid function name; function: {any}",
	"Invalid {expression}: The function is not allowed in {any}",
	"Invalid {expression}: The first operand must be distinct from the remaining operands for this " +
		"operator or function; operator: {operator}, first operand: {any}",
	"Invalid {expression}: The BETWEEN operator requires upper bound to be greater than or equal to " +
		"lower bound; lower bound operand: {any}, upper bound operand: {any}",
	"Invalid {expression}: The BETWEEN operator requires same data type for lower and upper bounds; " +
		"lower bound operand: {any}, upper bound operand: {any}",
	"Value provided in ExpressionAttributeValues unused in expressions: keys: {any}",
	"Value provided in ExpressionAttributeNames unused in expressions: keys: {any}",
	"ExpressionAttributeValues contains invalid value: {any} for key {placeholder}",
	"ExpressionAttributeValues exceeds max size",
	"ExpressionAttributeNames exceeds max size",
	"Filter Expression can only contain non-primary key attributes: Primary key attribute: {any}",
	"Filter Expression can only contain non-primary key attributes: {any}",
	"Cannot read from backfilling global secondary index: {any}",
	"The table does not have the specified index: {any}",
	"Consistent reads are not supported on global secondary indexes",
}

// requestMessages are about the caller, the rate of requests and the table.
var requestMessages = []string{
	"User: {ARN} is not authorized to perform: {action} on resource: {ARN}{reason}",
	"User: {ARN} is not authorized to perform: {action}{reason}",
	"The security token included in the request is invalid",
	"The security token included in the request is expired",
	"The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method.{any}",
	"Signature expired: {any}",
	"Signature not yet current: {any}",
	"Requested resource not found",
	"Requested resource not found: Table: {any} not found",
	"Cannot do operations on a non-existent table",
	"Rate exceeded",
	"Throughput exceeds the current capacity of your table or index{any}",
	"The level of configured provisioned throughput for the table was exceeded. " +
		"Consider increasing your provisioning level with the UpdateTable API",
	"The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. " +
		"Consider increasing your provisioning level for the under-provisioned global secondary indexes " +
		"with the UpdateTable API",
	"Too many items requested for the BatchWriteItem call",
	"The request processing has failed because of an unknown error, exception or failure",
	"Internal server error",
}
