// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/schemas"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Operation is an operation of DynamoDB that is sent without the SDK's middleware.
type Operation struct {
	name   string
	schema *smithy.OperationSchema
}

// The operations that carry items, and DescribeTable for what a run asks about its tables while it moves items:
// it needs the same checksum and retries there. Every other operation goes through the SDK's client.
var (
	DescribeTable = operation(
		"DescribeTable", schemas.DescribeTable, schemas.DescribeTableInput, schemas.DescribeTableOutput,
	)
	Scan           = operation("Scan", schemas.Scan, schemas.ScanInput, schemas.ScanOutput)
	BatchWriteItem = operation(
		"BatchWriteItem", schemas.BatchWriteItem, schemas.BatchWriteItemInput, schemas.BatchWriteItemOutput,
	)
	PutItem    = operation("PutItem", schemas.PutItem, schemas.PutItemInput, schemas.PutItemOutput)
	DeleteItem = operation("DeleteItem", schemas.DeleteItem, schemas.DeleteItemInput, schemas.DeleteItemOutput)
)

func operation(name string, schema, input, output *smithy.Schema) Operation {
	return Operation{name: name, schema: smithy.NewOperationSchema(schema, input, output)}
}

// Encode returns the JSON body that the SDK's own protocol produces for a typed input. A caller encodes once
// what stays the same for a whole run, and splices the items of each request into it.
func (c *Client) Encode(ctx context.Context, op Operation, input smithy.Serializable) ([]byte, error) {
	request, ok := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if !ok {
		panic("NewStackRequest no longer makes a *smithyhttp.Request")
	}
	if err := c.options.Protocol.SerializeRequest(ctx, op.schema, input, request); err != nil {
		return nil, err
	}
	return io.ReadAll(request.GetStream())
}

// Decode reads the JSON body of a response as the SDK's own protocol does.
func (c *Client) Decode(ctx context.Context, op Operation, body []byte, output smithy.Deserializable) error {
	response := &smithyhttp.Response{
		Response: &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(body))},
	}
	return c.options.Protocol.DeserializeResponse(ctx, op.schema, dynamodb.TypeRegistry, response, output)
}

// fault converts the response to a failed request into the error that the SDK's client would return for it.
func (c *Client) fault(ctx context.Context, op Operation, response *smithyhttp.Response) error {
	return c.options.Protocol.DeserializeResponse(ctx, op.schema, dynamodb.TypeRegistry, response, nil)
}
