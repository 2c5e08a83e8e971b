// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import "context"

// share is every of-th part of a source, from the one of its number on.
type share struct {
	Source
	number, of int
}

// Share returns one of so many shares of a source that together hold all of it once, however many parts each is read
// in; all must be read in the same number. The parts of a share lie all over the source, so that those who each write
// one share do not each strike one partition of the destination.
func Share(source Source, number, of int) Source { return share{source, number, of} }

func (s share) Read(ctx context.Context, part Segment, after []byte, page *Page) error {
	return s.Source.Read(ctx, Segment{Number: part.Number*s.of + s.number, Total: part.Total * s.of}, after, page)
}
