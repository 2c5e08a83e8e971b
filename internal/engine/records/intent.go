// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Intent is what a run is about to do, as far as it concerns other runs.
type Intent struct {
	Reads, Writes Use
	// Change is what the run does to the table that it writes; nil if the table does not exist yet.
	Change *Change
	// Own are the names of the run's own records.
	Own []string
}

// Announce completes what a plan has found: if the run can be done, with warnings of what it means for other runs.
func Announce(
	ctx context.Context,
	e *tables.Env,
	found problem.List,
	intent func(context.Context) (Intent, error),
) []*problem.Problem {
	if found.FirstError() != nil {
		return tables.AnnouncePassing(found)
	}
	i, err := intent(ctx)
	if err != nil {
		return append(found, explain.Error(ctx, err))
	}
	return append(found, warnOfOthers(ctx, e, i)...)
}

// warnOfOthers warns of what the journal has of other runs: what AWS still does for them, over which the run would be
// refused; what they would have to do again because of the run; and unreadable records.
func warnOfOthers(ctx context.Context, e *tables.Env, i Intent) []*problem.Problem {
	var found problem.List
	for _, name := range i.Own {
		if _, err := e.Journal.Peek(ctx, name, newLeftover(name)); err != nil {
			found.Add(attempt.Explain(ctx, err)) // The run would be refused.
		}
	}
	for other, err := range eachOther(ctx, e, i.Own) {
		switch {
		case attempt.Unreadable(err):
			found.Add(unreadableOther(attempt.Explain(ctx, err)))
			continue
		case err != nil:
			found.Add(attempt.Explain(ctx, err))
			continue
		}
		if i.Change == nil {
			continue
		}
		if _, means, ok := other.Record.outdated(other.Name, *i.Change); ok && means != "" && !partOf(other, i.Own) {
			found.Add(i.outdates(other, means))
		}
	}
	if p := CheckOthers(ctx, e, i.Reads, i.Writes, i.Own); p != nil {
		p.Warning = true
		p.Next += " As long as it is like that, the apply is refused."
		found.Add(p)
	}
	return found
}

// unreadableOther warns of an unreadable record that the run does not need.
func unreadableOther(p *problem.Problem) *problem.Problem {
	p.Warning = true
	p.Cause += " This run does not need it. But whether the run that it belongs to uses the same tables is not known: " +
		"if it is one with method = \"emr\", its Spark job may still be running."
	return p
}

// outdates warns of a run that has to begin again because of this one.
func (i Intent) outdates(other other, means string) *problem.Problem {
	head := other.Record.Head()
	what := "purge of " + head.To
	if head.From != "" {
		what = head.Kind + " of " + head.From + " to " + head.To
	}
	p := i.Change.Table.About(i.Writes.Attribute, "Progress Of Another Run Will Be Forgotten")
	p.Warning = true
	p.Cause = fmt.Sprintf("A %s is not complete, and the journal keeps how far it came. This run changes a table that "+
		"it uses.", what)
	if !head.UpdatedAt.IsZero() {
		p.Cause += " It was last heard of at " + head.UpdatedAt.UTC().Format(time.RFC3339) + "."
	}
	p.Next = means + " If it is to resume where it is, apply it before this run."
	return p
}

// partOf reports whether the record belongs to a part of one of the runs.
func partOf(o other, own []string) bool {
	record, ok := o.Record.(*Run)
	return ok && record.Of != "" && slices.Contains(own, record.Of)
}
