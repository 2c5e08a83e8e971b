// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/verify"
)

// CheckTables checks that the tables differ, and that the source's items have the destination's key.
func (r *Ends) CheckTables() []*problem.Problem {
	if r.Source != nil && r.Source.Identity().String() == r.Destination.Identity().String() {
		p := r.Destination.About("destination.table", "Source Equals Destination")
		p.Cause = "The source and the destination are the same table."
		p.Next = "Name another table as destination."
		return []*problem.Problem{p}
	}
	if r.Job.Transforms() && r.Transform == nil {
		return nil // What becomes of the keys is not known.
	}
	return r.checkKeys()
}

// tellsApart reports whether items that have different keys at the source have different keys at the destination too,
// and which argument is the reason if not.
func (r *Ends) tellsApart() (by string, apart bool) {
	program, source := r.Transform, r.Exported
	if program == nil {
		program = new(transform.Program)
	}
	if r.Source != nil {
		source = r.Source.Key
	}
	return program.TellsApart(source, r.Destination.Key)
}

// meeting begins the warning that items may get the same key because of that argument.
func (r *Ends) meeting(by string) *problem.Problem {
	p := r.Destination.About(cmp.Or(by, "destination.table"), "Items May Get The Same Key")
	p.Warning = true
	p.Cause = fmt.Sprintf(
		"The destination's key, %s, may not distinguish two items of the source. ",
		describe(r.Destination.Key),
	)
	p.Next = "If they may be equal, build the key from what distinguishes the items. Otherwise verify = \"full\", or " +
		"\"count\" for a table that is empty before, proves that no item was lost."
	return p
}

// CheckCollisions warns of items that may get the same key, unless the plan or the run finds out before the first
// write.
func (r *Ends) CheckCollisions() []*problem.Problem {
	unknown := r.Destination == nil || r.Job.Transforms() && r.Transform == nil
	if unknown || r.distinct != nil || r.Job.Verifies() || r.Job.OnConflict == job.ConflictFail {
		return nil
	}
	by, apart := r.tellsApart()
	_, checked := r.mayMeet()
	p := r.meeting(by)
	switch {
	case r.Job.OnConflict == job.ConflictSkip && !apart:
		p.Cause += "Of those with one key the first is written, and the others count as skipped."
	case !checked || r.Job.ReadsLines() && !r.Job.Distributed(): // Lines are compared before the first is written.
		return nil
	case r.Job.Distributed():
		p.Cause += "Of those with one key the last that is written stays, and the others are lost: no machine of the job " +
			"sees all keys."
	default:
		p.Cause += "If some have one key, only the last of them that is written stays. The run compares the keys and " +
			"fails then, when all items have been written."
		p.Next = "If they may be equal, build the key from what distinguishes the items, or use on_conflict = \"skip\" to " +
			"keep the first and count the others as skipped."
	}
	return []*problem.Problem{p}
}

// checkKeys finds what keeps the source's items from having the destination's key. Items of files and of objects in S3
// are checked one by one.
func (r *Ends) checkKeys() []*problem.Problem {
	missing := lacking(r.Destination.Key, r.given)
	if r.Transform != nil {
		var found []*problem.Problem
		if missing, found = r.Transform.CheckKey(r.Destination.Key, r.Destination.IndexKeys(), r.given); len(found) > 0 {
			return found
		}
	}
	if len(missing) == 0 || r.given == nil {
		return nil
	}
	p := r.Destination.About("destination.table", "Keys Do Not Fit")
	p.Cause = fmt.Sprintf(
		"The destination's key is %s. What every item of the source is sure to have is %s.",
		describe(r.Destination.Key),
		describe(r.given),
	)
	p.Next = "Copy to a table whose key is among these, or give items such an attribute with rename or set in a " +
		"transform. " +
		"If the attribute is in a key of one of the source's indexes, read that index with source.index: it holds the " +
		"items that have it."
	return []*problem.Problem{p}
}

// lacking returns the attributes of the key that are not among those given.
func lacking(key, given []item.KeyAttribute) (missing []item.KeyAttribute) {
	for _, attribute := range key {
		if !slices.Contains(given, attribute) {
			missing = append(missing, attribute)
		}
	}
	return missing
}

func describe(key []item.KeyAttribute) string {
	var parts []string
	for _, a := range key {
		if part := fmt.Sprintf("%s (%s)", a.Name, a.Type); !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// mayMeet reports whether two items may get the same key without the counts showing it, and because of which argument.
// Lines may always have the same key. The items of a table, of its index and of its export have different keys: only
// the destination's key, or a step that changes one of its attributes, can make them the same.
func (r *Ends) mayMeet() (by string, ok bool) {
	if r.Destination == nil || r.Job.Transforms() && r.Transform == nil {
		return "", false
	}
	by, apart := r.tellsApart()
	switch {
	case r.Job.ReadsLines():
		// A step that gives many items the same key, to keep the first, does so on purpose. The others count as skipped.
		return by, by == "" || r.Job.OnConflict != job.ConflictSkip
	case r.Objects != nil && !r.Objects.OfTable():
		return by, r.Job.OnConflict != job.ConflictSkip
	}
	return by, !apart && r.Job.OnConflict != job.ConflictSkip
}

// Meet reports whether two items may get the same key.
func (r *Ends) Meet() bool { _, ok := r.mayMeet(); return ok }

// NewKeyCheck returns the check of the source with that definition, nil if its keys are known to differ.
func (r *Ends) NewKeyCheck(e *tables.Env, definition []byte) (*verify.Keys, error) {
	by, ok := r.mayMeet()
	if !ok || r.Share != nil || bytes.Equal(r.distinct, definition) {
		return nil, nil
	}
	c := &verify.Keys{Segments: r.SourceSegments(), Warn: r.meeting(by)}
	if r.Job.Distributed() {
		c.GiveUp("many machines read the source, and none of them sees all keys")
		return c, nil
	}
	var err error
	if c.Keys, err = compare.NewKeys(e.Directory, r.Destination.Key); err != nil {
		return nil, err
	}
	c.Keys.AtMost(verify.MostKeys)
	if r.Job.ReadsLines() {
		c.Lines = func(ctx context.Context) (store.Source, error) { return r.OpenSource(ctx) }
	}
	return c, nil
}
