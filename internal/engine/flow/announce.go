// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Announcer records the items of each page before the first of them is written. Deletes need that. What a killed run
// has deleted since its last checkpoint cannot be found again, so a later run could not count it. If it knows the
// identities of the items that were about to be deleted, it can: those that it does not find are deleted.
type Announcer struct {
	// Identity returns the same number for an item in every run, and almost never the same number for two items.
	Identity func(item []byte) (uint64, error)
	// Record returns when a checkpoint that was taken after the call is saved, or could not be. One goroutine calls it.
	Record func(ctx context.Context)
	// Interval is the time between two calls of Record, unless half of the pages in memory wait for one.
	Interval time.Duration
}

// identities returns those of the page's items, nil for a nil Announcer.
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

// identitySize is how many bytes an identity takes in a checkpoint.
const identitySize = 8

// missing are the announced items of a checkpoint that the new run has not found yet.
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
