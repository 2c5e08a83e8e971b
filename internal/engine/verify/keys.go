// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/compare"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// MostKeys is how many keys are compared: they take 5 GB of the disk that the journal's folder is on.
const MostKeys = 200_000_000

// Keys finds items of a copy's source that would have one key at the destination, which would hold only one of them.
// Lines are read once more for it before the first item is written. To read a table twice would cost twice as much, so
// there the keys are compared as they are read, and the run fails when it has written them. A nil *Keys finds
// nothing.
type Keys struct {
	Keys *compare.Keys
	// Lines opens the source to be read before the run, in so many parts; nil where keys are compared during the run.
	Lines    Opener
	Segments int
	// unchecked says why the keys are not compared, or not all of them; nil while they are.
	unchecked atomic.Pointer[string]
	read      atomic.Int64
	// Warn says what a remark on that is about.
	Warn *problem.Problem
}

// GiveUp ends the comparing of keys, for that reason.
func (c *Keys) GiveUp(why string) { c.unchecked.Store(&why) }

// Transformed has the items of the lines changed as those of the copy are.
func (c *Keys) Transformed(as *store.Transformed) {
	if c != nil && c.Lines != nil {
		c.Lines = c.Lines.transformed(as)
	}
}

// Over is the source whose items' keys are entered as they are read.
func (c *Keys) Over(source store.Source) store.Source {
	if c == nil || c.Keys == nil || c.Lines != nil {
		return source
	}
	return &watched{source, c}
}

// watched is a source whose items' keys are entered.
type watched struct {
	store.Source
	check *Keys
}

func (w *watched) Read(ctx context.Context, part store.Segment, after []byte, page *store.Page) error {
	if err := w.Source.Read(ctx, part, after, page); err != nil {
		return err
	}
	return w.check.add(page)
}

// add enters the keys of the page. Where there is no room for them, the check ends and the run does not.
func (c *Keys) add(page *store.Page) error {
	if c.unchecked.Load() != nil {
		return nil
	}
	err := c.Keys.Add(page)
	c.read.Add(int64(len(page.Items)))
	key, unfit := errors.AsType[*item.KeyError](err)
	switch {
	case unfit:
		return key
	case errors.Is(err, compare.ErrTooManyKeys):
		c.GiveUp(fmt.Sprintf("there are more than %d items", MostKeys))
	case err != nil:
		c.GiveUp("the journal's folder has no room for their digests (" + err.Error() + ")")
	}
	return nil
}

// CompareLines compares the keys of lines before the first item is written. The error is a *compare.SameKeyError for
// equal ones.
func (c *Keys) CompareLines(ctx context.Context, observer attempt.Observer) (err error) {
	if c == nil || c.Lines == nil {
		return nil
	}
	stop := observer.Observe(ctx, func() attempt.Status {
		return attempt.Status{Phase: fmt.Sprintf("comparing keys, %d items read", c.read.Load())}
	})
	defer stop()
	source, err := c.Lines(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	for number := range c.Segments {
		group.Go(func() error { return c.addPart(running, source, store.Segment{Number: number, Total: c.Segments}) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return c.verdict()
}

func (c *Keys) addPart(ctx context.Context, source store.Source, part store.Segment) error {
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

// CompareRead compares the keys that were entered during the run. Those of an earlier attempt are not among them.
func (c *Keys) CompareRead(resumed bool) error {
	if c == nil || c.Keys == nil || c.Lines != nil {
		return nil
	}
	if resumed {
		c.GiveUp("this attempt resumed an earlier one, and did not read the items that had been copied")
	}
	return c.verdict()
}

func (c *Keys) verdict() error {
	err := c.Keys.Check()
	if _, found := errors.AsType[*compare.SameKeyError](err); err != nil && !found {
		c.GiveUp("the digests in the journal's folder cannot be read (" + err.Error() + ")")
		return nil
	}
	return err
}

// Warnings says that equal keys would not have been found.
func (c *Keys) Warnings() []*problem.Problem {
	if c == nil || c.unchecked.Load() == nil {
		return nil
	}
	p := *c.Warn
	p.Summary = "Keys Were Not Compared"
	p.Cause += "Only the last of them that is written stays then, and all count as written. The keys of the items were " +
		"not all compared: " + *c.unchecked.Load() + "."
	return []*problem.Problem{&p}
}

func (c *Keys) Close() error {
	if c == nil || c.Keys == nil {
		return nil
	}
	return c.Keys.Close()
}

func SameKeyProblem(inputs string, same *compare.SameKeyError) *problem.Problem {
	const next = "Leave one of them out, or copy to a table whose key distinguishes them; if a transform makes the " +
		"key, make it of what distinguishes them."
	if second := same.Second; second.Line > 0 {
		first := fmt.Sprintf("line %d", same.First.Line)
		if same.First.Text != second.Text {
			first = same.First.String()
		}
		p := explain.File(
			inputs,
			second.Text,
			&store.LineError{
				File: second.Text,
				Line: second.Line,
				Err:  fmt.Errorf("%w as the one in %s", store.ErrSameKey, first),
			},
		)
		p.Next = next
		if same.Items > 1 {
			p.Cause += fmt.Sprintf(" In all, %d items have the key of one before them.", same.Items)
		}
		return p
	}
	return &problem.Problem{
		Summary: "Two Items With One Key",
		Cause: fmt.Sprintf("%d items of the source have the key of another one at the destination, which holds only the "+
			"last of them that was written.", same.Items),
		Next: next + " To keep the first of them and count the others as skipped, empty the destination and use " +
			"on_conflict = \"skip\".",
	}
}
