// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"bytes"
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// mayMeet reports whether two items of the source may have one key at the destination without the ledger telling of it, and by which
// argument, empty for none. Lines may always have equal keys. The items of a table, and of its index and its export, have
// different ones: only the destination's key, or a step that changes one of its attributes, can make them equal.
func (r *readyCopy) mayMeet(j job.Copy) (by string, ok bool) {
	if r.destination == nil || j.Transforms() && r.transform == nil {
		return "", false
	}
	by, apart := r.tellsApart(j)
	switch {
	case j.ReadsLines():
		// A step that gives many items one key, of which the first is to be kept, is meant; the others count as skipped.
		return by, by == "" || j.OnConflict != job.ConflictSkip
	case r.objects != nil && !r.objects.OfTable():
		return by, j.OnConflict != job.ConflictSkip
	}
	return by, !apart && j.OnConflict != job.ConflictSkip
}

// meet reports whether two items may have one key.
func (r *readyCopy) meet(j job.Copy) bool { _, ok := r.mayMeet(j); return ok }

// newKeyCheck returns the check of the source, which is read with that definition; nil for a source whose keys are known to differ.
func (r *readyCopy) newKeyCheck(e *tables.Env, j job.Copy, definition []byte) (*verify.Keys, error) {
	by, ok := r.mayMeet(j)
	if !ok || r.share != nil || bytes.Equal(r.distinct, definition) {
		return nil, nil
	}
	c := &verify.Keys{Parts: r.parts(), Warn: r.meeting(by)}
	if j.Method == job.MethodEMR {
		c.GiveUp("many machines read the source, and none of them sees all keys")
		return c, nil
	}
	var err error
	if c.Keys, err = compare.NewKeys(e.Directory, r.destination.Key); err != nil {
		return nil, err
	}
	c.Keys.AtMost(verify.MostKeys)
	if j.ReadsLines() {
		c.Lines = func(ctx context.Context) (store.Source, error) { return r.openSource(ctx, j) }
	}
	return c, nil
}
