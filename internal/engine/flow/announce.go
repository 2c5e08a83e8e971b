// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Announcer puts the items of each page on record before the first of them is written. A delete needs that: what a
// killed run has deleted since its last checkpoint is not found a second time, so a later run could not count it. With
// the identities of the items that were about to be deleted, it can: those it does not find are gone.
type Announcer struct {
	// Identity returns the same number for the same item in every run, and hardly ever the same one for two.
	Identity func(item []byte) (uint64, error)
	// Record returns when a checkpoint that was taken after the call is kept, or could not be. It is called by one
	// goroutine.
	Record func(ctx context.Context)
	// Interval is the time between two calls of Record, unless half of the pages in memory wait for one.
	Interval time.Duration
}

// identities are those of the page's items; a nil Announcer has none.
func (a *Announcer) identities(page *store.Page) ([]uint64, error) {
	if a == nil {
		return nil, nil
	}
	all := make([]uint64, len(page.Items))
	for i, raw := range page.Items {
		identity, err := a.Identity(raw)
		if err != nil {
			return nil, err
		}
		all[i] = max(identity, settled+1)
	}
	return all, nil
}

// identitySize is the number of bytes that an identity takes in a checkpoint.
const identitySize = 8

// missing are the announced items of a checkpoint, of which the new run does not know yet whether they are gone.
func (c *Checkpoint) missing() map[uint64]struct{} {
	all := make(map[uint64]struct{}, len(c.Announced)/identitySize)
	for rest := c.Announced; len(rest) >= identitySize; rest = rest[identitySize:] {
		all[binary.BigEndian.Uint64(rest)] = struct{}{}
	}
	return all
}

// announce adds an item that may be written after the checkpoint.
func (c *Checkpoint) announce(identity uint64) {
	c.Announced = binary.BigEndian.AppendUint64(c.Announced, identity)
}
