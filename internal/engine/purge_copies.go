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
	names, err := e.Journal.Names(ctx)
	if err != nil {
		return journalProblem(err)
	}
	_, region := t.Where()
	r := reference{name: t.Name, side: awsconn.Side{Region: region}, attribute: attribute}
	for _, name := range names {
		if !strings.HasPrefix(name, kindCopy+"-") {
			continue
		}
		var copied struct{ Writes string }
		found, err := e.Journal.Peek(ctx, name, &copied)
		if err != nil {
			return journalProblem(err)
		}
		if !found || copied.Writes != t.identity().String() {
			continue
		}
		record, err := e.takeRecord(ctx, r, name, "copying to")
		if err != nil {
			return requestProblem(ctx, err)
		}
		if err := errors.Join(record.Remove(ctx), record.Close()); err != nil {
			return journalProblem(err)
		}
	}
	return nil
}
