// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"container/heap"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// simulation runs without a real clock: workers wait in line for a bucket and send one request each.
type simulation struct {
	senders []sender
	latency time.Duration
	// least is the minimum cost of a request.
	least float64
}

// sender is one process: a bucket with its workers, and its finder, or nil. answered settles what a request was
// charged with, and returns how long its worker pauses.
type sender struct {
	bucket   *pace.Bucket
	workers  int
	until    time.Time // Until when the first worker in line sleeps.
	finder   *pace.Finder
	answered func(now time.Time, charge pace.Charge) (pause time.Duration)
}

// epoch is the beginning of each simulation.
var epoch = time.Unix(0, 0)

// event is what happens next to a worker: its request is answered, or its pause is over.
type event struct {
	at     time.Time
	sender *sender
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
	var coming events
	for now.Before(end) {
		wait, next := s.next(now, length)
		if wait == 0 {
			charge := next.bucket.Spend(s.least)
			next.workers--
			if next.finder != nil {
				next.finder.Sent()
			}
			heap.Push(&coming, event{at: now.Add(s.latency), sender: next, charge: charge})
			continue
		}
		if len(coming) == 0 || now.Add(wait).Before(coming[0].at) {
			now = now.Add(wait)
			continue
		}
		happens, _ := heap.Pop(&coming).(event)
		now = happens.at
		if !happens.pause {
			if pause := happens.sender.answered(now, happens.charge); pause > 0 {
				heap.Push(&coming, event{at: now.Add(pause), sender: happens.sender, pause: true})
				continue
			}
		}
		happens.sender.workers++
	}
}

// next returns the sender that may send first, and how long it has to wait: most if no worker is in line.
func (s simulation) next(now time.Time, most time.Duration) (wait time.Duration, next *sender) {
	wait = most
	for i := range s.senders {
		one := &s.senders[i]
		if one.workers == 0 {
			continue
		}
		if !now.Before(one.until) {
			one.until = now.Add(one.bucket.Wait(now, one.finder != nil && one.finder.Searching()))
		}
		if w := one.until.Sub(now); w < wait {
			wait, next = w, one
		}
	}
	return wait, next
}
