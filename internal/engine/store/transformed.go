// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// Transformed is a source whose items a transform changes as they are read.
type Transformed struct {
	Source
	program *transform.Program
}

// Transform returns the source with the program applied to its items.
func Transform(source Source, program *transform.Program) *Transformed {
	return &Transformed{source, program}
}

// Begin tells the program its run and the keys of the destination, which are zero for a file. It is called before the
// first Read.
func (s *Transformed) Begin(run transform.Run, keys item.Keys) { s.program = s.program.For(run, keys) }

// Over applies the same program, for the same run, to another source.
func (s *Transformed) Over(source Source) *Transformed { return &Transformed{source, s.program} }

// Definition has the steps besides what is read: with other steps it is another source.
func (s *Transformed) Definition() []byte {
	return fmt.Appendf(nil, "%s\n%s", s.Source.Definition(), s.program.Definition())
}

// Read reads a page and transforms its items. The transformed ones stand in memory of the page's own, so they are valid
// as long.
func (s *Transformed) Read(ctx context.Context, part Segment, after []byte, page *Page) error {
	if err := s.Source.Read(ctx, part, after, page); err != nil {
		return err
	}
	page.shaped = page.shaped[:0]
	ends := make([]int, 0, len(page.Items))
	for i, raw := range page.Items {
		if err := ctx.Err(); err != nil {
			return err // A dear expression may take a second for an item.
		}
		shaped, keep, err := s.program.Apply(page.shaped, raw)
		switch {
		case err != nil:
			page.Refused = append(page.Refused, Unfit{raw, &ItemError{page.where(i, part), err}})
		case !keep:
			page.Dropped++
		default:
			page.shaped = shaped
			page.move(len(ends), i) // With its line; where the item stands is said below.
			ends = append(ends, len(shaped))
		}
	}
	page.Items = cut(page.Items[:0], page.shaped, ends)
	page.lines = page.lines[:min(len(ends), len(page.lines))]
	return nil
}

// where says which item the i-th of the page is, in words that follow "it is". A key would be a value.
func (p *Page) where(i int, part Segment) string {
	if place := p.Place(i); place.Line > 0 {
		return place.String()
	}
	return fmt.Sprintf("item %d of the %d last read from segment %d of %d", i+1, len(p.Items), part.Number, part.Total)
}

// ItemError says which item of a source an error is about. It never contains a value of the item.
type ItemError struct {
	Where string
	Err   error
}

func (e *ItemError) Error() string { return e.Err.Error() + " (" + e.Where + ")" }

func (e *ItemError) Unwrap() error { return e.Err }
