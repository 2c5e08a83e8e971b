// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// mostKeys is how many keys are compared: they take 5 GB of the disk that the journal's folder is on.
const mostKeys = 200_000_000

// keyCheck finds items of a copy's source that would have one key at the destination, which would hold only one of them. Lines are
// read once more for it before the first item is written. To read a table twice would cost twice as much, so there the keys are
// compared as they are read, and the run fails when it has written them. A nil keyCheck finds nothing.
type keyCheck struct {
	keys *compare.Keys
	// lines opens the source to be read before the run, in so many parts; nil where keys are compared during the run.
	lines open
	parts int
	// unchecked says why the keys are not compared, or not all of them; nil while they are.
	unchecked atomic.Pointer[string]
	read      atomic.Int64
	// warn says what a remark on that is about.
	warn *problem.Problem
}

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
func (r *readyCopy) newKeyCheck(e *tables.Env, j job.Copy, definition []byte) (*keyCheck, error) {
	by, ok := r.mayMeet(j)
	if !ok || r.share != nil || bytes.Equal(r.distinct, definition) {
		return nil, nil
	}
	c := &keyCheck{parts: r.parts(), warn: r.meeting(by)}
	if j.Method == job.MethodEMR {
		c.giveUp("many machines read the source, and none of them sees all keys")
		return c, nil
	}
	var err error
	if c.keys, err = compare.NewKeys(e.Directory, r.destination.Key); err != nil {
		return nil, err
	}
	c.keys.AtMost(mostKeys)
	if j.ReadsLines() {
		c.lines = func(ctx context.Context) (store.Source, error) { return r.openSource(ctx, j) }
	}
	return c, nil
}

// giveUp ends the comparing of keys, for that reason.
func (c *keyCheck) giveUp(why string) { c.unchecked.Store(&why) }

// transformed has the items of the lines changed as those of the copy are.
func (c *keyCheck) transformed(as *store.Transformed) {
	if c != nil && c.lines != nil {
		c.lines = c.lines.transformed(as)
	}
}

// over is the source whose items' keys are entered as they are read.
func (c *keyCheck) over(source store.Source) store.Source {
	if c == nil || c.keys == nil || c.lines != nil {
		return source
	}
	return &watched{source, c}
}

// watched is a source whose items' keys are entered.
type watched struct {
	store.Source
	check *keyCheck
}

func (w *watched) Read(ctx context.Context, part store.Part, after []byte, page *store.Page) error {
	if err := w.Source.Read(ctx, part, after, page); err != nil {
		return err
	}
	return w.check.add(page)
}

// add enters the keys of the page. Where there is no room for them, the check ends and the run does not.
func (c *keyCheck) add(page *store.Page) error {
	if c.unchecked.Load() != nil {
		return nil
	}
	err := c.keys.Add(page)
	c.read.Add(int64(len(page.Items)))
	key, unfit := errors.AsType[*item.KeyError](err)
	switch {
	case unfit:
		return key
	case errors.Is(err, compare.ErrTooManyKeys):
		c.giveUp(fmt.Sprintf("there are more than %d items", mostKeys))
	case err != nil:
		c.giveUp("the journal's folder has no room for their digests (" + err.Error() + ")")
	}
	return nil
}

// before compares the keys of lines before the first item is written. The error is a *compare.SameKeyError for equal ones.
func (c *keyCheck) before(ctx context.Context, observer Observer) (err error) {
	if c == nil || c.lines == nil {
		return nil
	}
	stop := observer.observe(ctx, func() Status { return Status{Phase: fmt.Sprintf("comparing keys, %d items read", c.read.Load())} })
	defer stop()
	source, err := c.lines(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	for number := range c.parts {
		group.Go(func() error { return c.addPart(running, source, store.Part{Number: number, Of: c.parts}) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return c.verdict()
}

func (c *keyCheck) addPart(ctx context.Context, source store.Source, part store.Part) error {
	var page store.Page
	for after := []byte(nil); c.unchecked.Load() == nil; after = page.Next {
		if err := source.Read(ctx, part, after, &page); err != nil {
			return err
		}
		if err := c.add(&page); err != nil || page.Next == nil {
			return err
		}
	}
	return nil
}

// after compares the keys that were entered during the run. Those of an earlier attempt are not among them.
func (c *keyCheck) after(resumed bool) error {
	if c == nil || c.keys == nil || c.lines != nil {
		return nil
	}
	if resumed {
		c.giveUp("this attempt resumed an earlier one, and did not read the items that had been copied")
	}
	return c.verdict()
}

func (c *keyCheck) verdict() error {
	err := c.keys.Check()
	if _, found := errors.AsType[*compare.SameKeyError](err); err != nil && !found {
		c.giveUp("the digests in the journal's folder cannot be read (" + err.Error() + ")")
		return nil
	}
	return err
}

// remarks says that equal keys would not have been found.
func (c *keyCheck) remarks() []*problem.Problem {
	if c == nil || c.unchecked.Load() == nil {
		return nil
	}
	p := *c.warn
	p.Summary = "Keys Were Not Compared"
	p.Cause += "Only the last of them that is written stays then, and all count as written. The keys of the items were not all compared: " + *c.unchecked.Load() + "."
	return []*problem.Problem{&p}
}

func (c *keyCheck) close() error {
	if c == nil || c.keys == nil {
		return nil
	}
	return c.keys.Close()
}

// sameKeyProblem says which items have one key.
func (m movement) sameKeyProblem(same *compare.SameKeyError) *problem.Problem {
	p := sameKeyProblem(m.inputs, same)
	if p.Attribute == "" {
		p.Attribute = m.attribute
	}
	return p
}

func sameKeyProblem(inputs string, same *compare.SameKeyError) *problem.Problem {
	const next = "Leave one of them out, or copy to a table whose key distinguishes them; if a transform makes the key, make it of what distinguishes them."
	if second := same.Second; second.Line > 0 {
		first := fmt.Sprintf("line %d", same.First.Line)
		if same.First.Text != second.Text {
			first = same.First.String()
		}
		p := tables.ExplainFile(inputs, second.Text, &store.LineError{File: second.Text, Line: second.Line, Err: fmt.Errorf("%w as the one in %s", store.ErrSameKey, first)})
		p.Next = next
		if same.Items > 1 {
			p.Cause += fmt.Sprintf(" In all, %d items have the key of one before them.", same.Items)
		}
		return p
	}
	return &problem.Problem{
		Summary: "Two Items With One Key",
		Cause:   fmt.Sprintf("%d items of the source have the key of another one at the destination, which holds only the last of them that was written.", same.Items),
		Next:    next + " To keep the first of them and count the others as skipped, empty the destination and use on_conflict = \"skip\".",
	}
}
