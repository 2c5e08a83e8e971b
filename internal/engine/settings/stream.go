// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var stream = &setting[*types.StreamSpecification]{
	name: "stream", copied: Full,
	read: func(_ context.Context, r *reader) (*types.StreamSpecification, error) {
		if !streams(r.table) {
			return nil, nil
		}
		return r.table.StreamSpecification, nil
	},
	create: func(value *types.StreamSpecification, request *dynamodb.CreateTableInput) {
		request.StreamSpecification = value
	},
	// A table that AWS has restored has no stream.
	put: func(ctx context.Context, w *Writer, value *types.StreamSpecification) error {
		return w.update(ctx, &dynamodb.UpdateTableInput{StreamSpecification: value})
	},
}

// streams reports whether the table has a stream now.
func streams(table *types.TableDescription) bool {
	return table.StreamSpecification != nil && aws.ToBool(table.StreamSpecification.StreamEnabled)
}
