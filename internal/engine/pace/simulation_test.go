// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"container/heap"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// simulation is time without a clock, in which workers stand in line for a bucket and send a request each.
type simulation struct {
	bucket  *pace.Bucket
	workers int
	latency time.Duration
	// least is what a request costs at least. sent is told of each one; it may be nil. answered settles what it was charged
	// with, and returns how long its worker pauses.
	least    float64
	sent     func()
	answered func(now time.Time, charge pace.Charge) (pause time.Duration)
}

// epoch is when a simulation begins.
var epoch = time.Unix(0, 0)

// event is what happens next to a worker: its request is answered, or its pause is over.
type event struct {
	at     time.Time
	charge pace.Charge
	pause  bool
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) } //nolint:forcetypeassert // Nothing else is pushed.
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func (s simulation) run(length time.Duration) {
	now, end := epoch, epoch.Add(length)
	inLine := s.workers
	var coming events
	for now.Before(end) {
		wait := length
		if inLine > 0 {
			if wait = s.bucket.Wait(now); wait == 0 {
				charge := s.bucket.Spend(s.least)
				inLine--
				if s.sent != nil {
					s.sent()
				}
				heap.Push(&coming, event{at: now.Add(s.latency), charge: charge})
				continue
			}
		}
		if len(coming) == 0 || now.Add(wait).Before(coming[0].at) {
			now = now.Add(wait)
			continue
		}
		next, _ := heap.Pop(&coming).(event)
		now = next.at
		if !next.pause {
			if pause := s.answered(now, next.charge); pause > 0 {
				heap.Push(&coming, event{at: now.Add(pause), pause: true})
				continue
			}
		}
		inLine++
	}
}
