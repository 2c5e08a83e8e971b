// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// saveShare is how long the pause between two regular saves of a run's progress is at least, in times of what a save takes, most of which
// it waits for the disk. On a busy machine that is some 10 ms: with a larger share such saves would come so seldom that most of what
// is done again after a kill, which is what was done since the last one, would be their doing.
const saveShare = 10

// Keeper saves the progress of one run to its log: at intervals, and whenever somebody asks.
type Keeper struct {
	log    *Log
	record func() records.Run // The progress of the moment.
	lost   func(error)        // Called when another process has taken the record over.

	mu sync.Mutex // One save at a time: a record of the journal is not for several goroutines.
	attempt.Unsaved
	announced time.Time // When items were last saved that are about to be deleted.
}

func NewKeeper(log *Log, record func() records.Run, lost func(error)) *Keeper {
	return &Keeper{log: log, record: record, lost: lost}
}

// Regularly saves at the log's interval until the function returned is called.
func (k *Keeper) Regularly(ctx context.Context) (stop func()) {
	if k.log.journal == nil {
		return func() {}
	}
	var next time.Time
	return attempt.Every(ctx, k.log.interval, func(now time.Time) {
		// What is saved before items are deleted counts too: each save of a journal in S3 is paid for.
		if now.Before(next) || now.Sub(k.lastAnnounced()) < k.log.interval {
			return
		}
		k.save(ctx)
		next = now.Add(saveShare * time.Since(now))
	})
}

// lastAnnounced is when items were last saved that are about to be deleted.
func (k *Keeper) lastAnnounced() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.announced
}

// save returns when progress is saved that was made before the call. A save that fails neither ends the run nor is repeated: the next
// one has the same to say and more, and the last one, when the run ends, is the one that counts.
func (k *Keeper) save(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.Note(k.log.Save(ctx, k.record())); err != nil {
		k.lost(err)
	}
}

// announcer has the keeper record which items of the table a purge is about to delete.
func (k *Keeper) announcer(t *tables.Table) *flow.Announcer {
	announce := func(ctx context.Context) {
		k.save(ctx)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.announced = time.Now()
	}
	return &flow.Announcer{Record: announce, Interval: k.log.interval, Identity: func(raw []byte) (uint64, error) {
		var room [128]byte
		identity, err := item.Identity(room[:0], raw, t.Key)
		return hash(identity), err
	}}
}

// hash is the 64-bit FNV-1a hash. That of the standard library would move the bytes to the heap, for every item.
func hash(b []byte) uint64 {
	const basis, prime = 14695981039346656037, 1099511628211
	h := uint64(basis)
	for _, c := range b {
		h = (h ^ uint64(c)) * prime
	}
	return h
}
