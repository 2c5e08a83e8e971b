// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import "time"

// Window limits how many items of one range of keys may be in flight. There is no limit until DynamoDB returns
// items unprocessed. From then on the limit is about what the partition behind the keys takes. It grows by one
// per round trip, and is cut once for all items that are returned together. The zero Window is ready to use.
type Window struct {
	flying int
	most   float64   // The limit of items in flight; 0 for none.
	until  time.Time // When the pause after a cut is over.
}

// Open reports whether one more item may be sent.
func (w *Window) Open(now time.Time) bool {
	return !now.Before(w.until) && (w.most == 0 || float64(w.flying) < w.most)
}

// Until returns when the pause is over. It may be in the past.
func (w *Window) Until() time.Time { return w.until }

// Sent records that an item was sent.
func (w *Window) Sent() { w.flying++ }

// Settled records that an item was accepted, or refused permanently.
func (w *Window) Settled() {
	w.flying--
	if w.most > 0 {
		w.most += 1 / w.most
	}
}

// Back records that an item was returned unprocessed, and begins a pause unless there is one already.
func (w *Window) Back(now time.Time, pause time.Duration) {
	const cut = 0.7
	if !now.Before(w.until) {
		w.most = max(1, cut*float64(w.flying))
		w.until = now.Add(pause)
	}
	w.flying--
}
