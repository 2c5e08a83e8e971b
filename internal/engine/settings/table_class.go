// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tableClass is empty for the standard class, which a table without a summary has.
var tableClass = &setting[types.TableClass]{
	name: "table_class", copied: Full,
	read: func(_ context.Context, r *reader) (types.TableClass, error) {
		if s := r.table.TableClassSummary; s != nil && s.TableClass != types.TableClassStandard {
			return s.TableClass, nil
		}
		return "", nil
	},
	create: func(value types.TableClass, request *dynamodb.CreateTableInput) { request.TableClass = value },
	// A table that AWS has restored has the standard class.
	put: func(ctx context.Context, w *Writer, value types.TableClass) error {
		return w.update(ctx, &dynamodb.UpdateTableInput{TableClass: value})
	},
}
