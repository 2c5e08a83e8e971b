// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// intent is what a run is about to do, as far as it concerns other runs.
type intent struct {
	reads, writes used
	// change is what it does to the table that it writes; nil where there is no such table yet.
	change *change
	// own are the names of its own records.
	own []string
}

// remarkOnOthers warns of what the run is to find in the journal of others: what AWS still does for them, which it would be refused over,
// what they have to do again because of it, and records that cannot be read.
func remarkOnOthers(ctx context.Context, e *tables.Env, i intent) []*problem.Problem {
	var found problem.List
	for _, name := range i.own {
		if _, err := e.Journal.Peek(ctx, name, newLeftover(name)); err != nil {
			found.Add(journalProblem(ctx, err)) // The run would be refused.
		}
	}
	for other, err := range eachOther(ctx, e, i.own) {
		switch {
		case unreadable(err):
			found.Add(unreadableOther(journalProblem(ctx, err)))
			continue
		case err != nil:
			found.Add(journalProblem(ctx, err))
			continue
		}
		if i.change == nil {
			continue
		}
		if _, means, ok := other.outdated(other.name, *i.change); ok && means != "" && !other.partOf(i.own) {
			found.Add(i.outdates(other, means))
		}
	}
	if p := checkOthers(ctx, e, i.reads, i.writes, i.own); p != nil {
		p.Warning = true
		p.Next += " As long as it is like that, the apply is refused."
		found.Add(p)
	}
	return found
}

// unreadableOther is the remark on a record that cannot be read, for a run that does not need it.
func unreadableOther(p *problem.Problem) *problem.Problem {
	p.Warning = true
	p.Cause += " This run does not need it. But whether the run that it belongs to uses the same tables is not known: if it is one with method = \"emr\", its Spark job may still be running."
	return p
}

// outdates is the remark on a run that this one makes begin again.
func (i intent) outdates(other other, means string) *problem.Problem {
	head := other.Head()
	what := "purge of " + head.To
	if head.From != "" {
		what = head.Kind + " of " + head.From + " to " + head.To
	}
	p := i.change.table.About(i.writes.attribute, "Progress Of Another Run Will Be Forgotten")
	p.Warning = true
	p.Cause = fmt.Sprintf("A %s is not complete, and the journal keeps how far it came. This run changes a table that it uses.", what)
	if !head.UpdatedAt.IsZero() {
		p.Cause += " It was last heard of at " + head.UpdatedAt.UTC().Format(time.RFC3339) + "."
	}
	p.Next = means + " If it is to resume where it is, apply it before this run."
	return p
}

// partOf reports whether the record belongs to a run of one of the names.
func (o other) partOf(own []string) bool {
	record, ok := o.leftover.(*Record)
	return ok && record.Of != "" && slices.Contains(own, record.Of)
}

// intent is what the copy is about to do. Its own records are those that it would take as far as it is known.
func (r *readyCopy) intent(ctx context.Context, j job.Copy) (intent, error) {
	i := intent{reads: usedTable(r.source, job.SourceTable)}
	if r.creation != nil {
		i.own = append(i.own, creationName(r.creation.clients, j.DestinationRef()))
	}
	if j.Exports() && r.source != nil {
		name, err := exportName(ctx, j, r)
		if err != nil {
			return i, err
		}
		i.own = append(i.own, name)
	}
	if r.destination == nil || r.creation != nil && r.creation.state.TableID == "" || r.replaced != nil && r.replaced.state.Dropped() {
		return i, nil // It is still to be made.
	}
	i.writes, i.change = usedTable(r.destination, job.DestinationTable), &change{table: r.destination, adds: true}
	known := r.source != nil || r.objects != nil || j.Source.File != ""
	if j.Exports() || j.Restores() || !known {
		return i, nil
	}
	name, err := r.movementName(ctx, j)
	i.own = append(i.own, name)
	return i, err
}

// movementName is the name of the record of the copy's movement of items to a table.
func (r *readyCopy) movementName(ctx context.Context, j job.Copy) (string, error) {
	source, err := r.openSource(ctx, j)
	if err != nil {
		return "", err
	}
	if transformed := r.transformed(source); transformed != nil {
		source = transformed
	}
	m := movement{
		kind: kindCopy, source: source, reads: r.source, writes: r.destination, attribute: job.DestinationTable, conflict: j.Conflict(), verify: r.verification(j, nil), triggers: j.Triggers,
		spread: r.spread(j), to: j.Destination.String(),
	}
	return m.name(), source.Close()
}

// intent is what the purge is about to do.
func (r *readyPurge) intent(ctx context.Context, j job.Purge) (intent, error) {
	if r.table == nil {
		return intent{}, nil
	}
	// A table that is recreated is another one, in which no run resumes.
	i := intent{writes: usedTable(r.table, "table"), change: &change{table: r.table, adds: r.recreation != nil}}
	source, err := r.table.NewScan(ctx, j.Scan())
	if err != nil {
		return i, err
	}
	m := movement{kind: kindPurge, source: source, writes: r.table, attribute: "table", triggers: j.Triggers, spread: purgeSpread(j), to: j.Table}
	i.own = []string{m.name()}
	if r.recreation != nil {
		i.own = []string{recreateName(r.table.Identity())}
	}
	return i, source.Close()
}
