// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// forgetOthers has interrupted runs begin from the start that this one makes outdated, before it changes the first item of its table: they
// would otherwise resume behind items that have changed since, and the table's id does not say so.
func (e *Engine) forgetOthers(ctx context.Context, m movement, own string) *problem.Problem {
	_, region := m.writes.Where()
	r := reference{name: m.writes.Name, side: awsconn.Side{Region: region}, attribute: m.attribute}
	other := func(name string) bool {
		return name != own && (strings.HasPrefix(name, kindCopy+"-") || strings.HasPrefix(name, kindPurge+"-"))
	}
	for other, err := range entries[Record](ctx, e.Journal, other) {
		if err != nil {
			return journalProblem(ctx, err)
		}
		if !m.outdates(other.record) {
			continue
		}
		record, err := e.takeRecord(ctx, r, other.name, "using")
		if err != nil {
			return requestProblem(ctx, err)
		}
		if other.record.Writes == "" {
			err = record.Save(ctx, other.record.fromTheStart(other.name))
		} else {
			err = record.Remove(ctx)
		}
		if err := errors.Join(err, record.Close()); err != nil {
			return journalProblem(ctx, err)
		}
	}
	return nil
}

// outdates says whether the other run can no longer resume where it was once this one has changed its table. A purge adds no item that
// another purge would have to find.
func (m movement) outdates(other *Record) bool {
	table := m.writes.identity().String()
	return (other.Reads == table || other.Writes == table) && (m.kind == kindCopy || other.Kind == kindCopy)
}

// fromTheStart is the record of a copy to S3 that begins from the start, which still has to remove what it has written so far. Its tasks
// on a cluster keep their progress under its id.
func (r *Record) fromTheStart(name string) Record {
	left := r.Left
	if r.Export != "" {
		left = append(left, r.Export)
	}
	header := r.Header
	header.Phase = ""
	return Record{Progress: Progress{Header: header, ID: journal.NewID(name), StartedAt: r.StartedAt}, Reads: r.Reads, Left: left}
}
