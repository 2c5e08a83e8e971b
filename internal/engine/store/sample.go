// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// sample passes on a share of the partition keys of a source.
type sample struct {
	Source

	key     []item.KeyAttribute // The partition key alone.
	percent float64
}

// NewSample returns the source less the items of most partition keys: about so many percent of the keys, more than 0
// and up to 100, stay. Which ones follows from a hash of the key's value alone. So items that share a partition key
// stay together, the same keys are chosen in every run and of every table that has them, and a larger share holds all
// of a smaller one.
func NewSample(source Source, partitionKey item.KeyAttribute, percent float64) Source {
	return &sample{Source: source, key: []item.KeyAttribute{partitionKey}, percent: percent}
}

func (s *sample) Definition() []byte {
	return fmt.Appendf(slices.Clip(s.Source.Definition()), " sample %v of %s", s.percent, s.key[0].Name)
}

// Read fills the page, and drops what is not in the sample. An item without the partition key is refused.
func (s *sample) Read(ctx context.Context, part Segment, after []byte, page *Page) error {
	if err := s.Source.Read(ctx, part, after, page); err != nil {
		return err
	}
	page.keep(part, s.chosen)
	return nil
}

// chosen reports whether the item's partition key is in the sample. Its result must never change: the next version
// would take another sample.
func (s *sample) chosen(raw []byte) (bool, error) {
	identity, err := item.Identity(nil, raw, s.key)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(identity)
	const bits = 53 // As many as a float64 holds.
	point := float64(binary.BigEndian.Uint64(sum[:])>>(64-bits)) / (1 << bits)
	return point*100 < s.percent, nil
}
