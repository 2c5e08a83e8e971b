// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package attempt

import (
	"context"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// saveShare is the least pause between two regular saves, in times of what a save takes. Most of that it waits for the
// disk: some 10 ms on a busy machine. With a larger share saves would be rare, and what was done since the last one is
// done again after a kill.
const saveShare = 10

// Keeper saves the progress of a run: at intervals, and before items are deleted.
type Keeper struct {
	write    func(context.Context) error // Writes the progress of the moment.
	interval time.Duration
	lost     func(error) // Called when another process has taken the record over.

	mu sync.Mutex // One save at a time: a record of the journal is not for several goroutines.
	Unsaved
	announced time.Time // When items were last saved that are about to be deleted.
}

// NewKeeper returns a keeper that writes the progress of the moment at that interval; it is 0 for a run without a
// record. Lost is called if another process has taken the record over.
func NewKeeper(interval time.Duration, write func(context.Context) error, lost func(error)) *Keeper {
	return &Keeper{interval: interval, write: write, lost: lost}
}

// Regularly saves until the function that it returns is called.
func (k *Keeper) Regularly(ctx context.Context) (stop func()) {
	if k.interval == 0 {
		return func() {}
	}
	var next time.Time
	return Every(ctx, k.interval, func(now time.Time) {
		// What is saved before items are deleted counts too: each save of a journal in S3 is paid for.
		if now.Before(next) || now.Sub(k.lastAnnounced()) < k.interval {
			return
		}
		k.save(ctx)
		next = now.Add(saveShare * time.Since(now))
	})
}

func (k *Keeper) lastAnnounced() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.announced
}

// save returns when progress is saved that was made before the call. A save that fails neither ends the run nor is
// repeated: the next one has the same to say and more, and the last one, when the run ends, is the one that counts.
func (k *Keeper) save(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.Note(k.write(ctx)); err != nil {
		k.lost(err)
	}
}

// Announcer returns what saves which items of the table a purge is about to delete.
func (k *Keeper) Announcer(t *tables.Table) *flow.Announcer {
	announce := func(ctx context.Context) {
		k.save(ctx)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.announced = time.Now()
	}
	return &flow.Announcer{Record: announce, Interval: k.interval, Identity: func(raw []byte) (uint64, error) {
		var room [128]byte
		identity, err := item.Identity(room[:0], raw, t.Key)
		return hash(identity), err
	}}
}

// hash returns the 64-bit FNV-1a hash. The standard library's would allocate for every item.
func hash(b []byte) uint64 {
	const basis, prime = 14695981039346656037, 1099511628211
	h := uint64(basis)
	for _, c := range b {
		h = (h ^ uint64(c)) * prime
	}
	return h
}
