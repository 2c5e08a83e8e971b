// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import "context"

// UnfitError is why an item of a source cannot be written as it stands there. It never contains a value of the item.
type UnfitError struct{ Err error }

func (e *UnfitError) Error() string { return e.Err.Error() }

func (e *UnfitError) Unwrap() error { return e.Err }

// judged is a source that refuses items that do not fit.
type judged struct {
	Source

	fits func(raw []byte) error
}

// Judge returns a source that refuses the items for which fits returns an error. Items that people have written are
// checked before they are sent: for one bad item DynamoDB refuses the whole batch, does not say which item it is, and
// does not always say why.
func Judge(source Source, fits func(raw []byte) error) Source { return &judged{source, fits} }

func (s *judged) Read(ctx context.Context, part Segment, after []byte, page *Page) error {
	if err := s.Source.Read(ctx, part, after, page); err != nil {
		return err
	}
	page.keep(part, func(raw []byte) (bool, error) { return true, s.fits(raw) })
	return nil
}

// keep keeps the items that kept reports. Those for which it returns an error are refused.
func (p *Page) keep(part Segment, kept func(raw []byte) (bool, error)) {
	count := 0
	for i, raw := range p.Items {
		keep, err := kept(raw)
		switch {
		case err != nil:
			p.Refused = append(p.Refused, Unfit{raw, p.unfit(i, part, err)})
		case !keep:
			p.Dropped++
		default:
			p.move(count, i)
			count++
		}
	}
	p.Items = p.Items[:count]
	p.lines = p.lines[:min(count, len(p.lines))]
}

// unfit returns why the i-th item cannot be written, with its place.
func (p *Page) unfit(i int, part Segment, err error) error {
	if place := p.Place(i); place.Line > 0 {
		return &UnfitError{&LineError{place.Text, place.Line, err}}
	}
	return &ItemError{p.where(i, part), &UnfitError{err}}
}

// UnfitItems are the items of a source that cannot be written, as far as it was read.
type UnfitItems struct {
	Count int
	// First is why the first of them cannot be written, nil if there is none.
	First error
}

// Add adds the refused items of a page.
func (u *UnfitItems) Add(refused []Unfit) {
	if u.Count += len(refused); u.First == nil && len(refused) > 0 {
		u.First = refused[0].Err
	}
}
