// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// forgetCopies removes the progress of interrupted copies to the table, before a purge deletes what they have written. They would
// otherwise resume behind items that are gone, and the table's id does not say so.
func (e *Engine) forgetCopies(ctx context.Context, t *table, attribute string) *problem.Problem {
	_, region := t.Where()
	r := reference{name: t.Name, side: awsconn.Side{Region: region}, attribute: attribute}
	isCopy := func(name string) bool { return strings.HasPrefix(name, kindCopy+"-") }
	for copied, err := range entries[struct{ Writes string }](ctx, e.Journal, isCopy) {
		if err != nil {
			return journalProblem(ctx, err)
		}
		if copied.record.Writes != t.identity().String() {
			continue
		}
		record, err := e.takeRecord(ctx, r, copied.name, "copying to")
		if err != nil {
			return requestProblem(ctx, err)
		}
		if err := errors.Join(record.Remove(ctx), record.Close()); err != nil {
			return journalProblem(ctx, err)
		}
	}
	return nil
}
