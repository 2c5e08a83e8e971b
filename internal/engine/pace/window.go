// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace

import "time"

// Window is how many items of one stretch of keys may be under way: any number until some come back, and from then on about
// as many as the partition behind the keys takes. It grows by one in the time of an answer, and is cut once for all that
// came back together. The zero Window is ready to use.
type Window struct {
	flying int
	most   float64   // Items under way, at the most; 0 for any number.
	until  time.Time // When the pause after a cut is over.
}

// Open says whether one more item may be sent.
func (w *Window) Open(now time.Time) bool {
	return !now.Before(w.until) && (w.most == 0 || float64(w.flying) < w.most)
}

// Until is when the pause is over; it may be past.
func (w *Window) Until() time.Time { return w.until }

// Sent enters an item that is under way from now on.
func (w *Window) Sent() { w.flying++ }

// Settled enters an item that was taken, or refused for good.
func (w *Window) Settled() {
	w.flying--
	if w.most > 0 {
		w.most += 1 / w.most
	}
}

// Back enters an item that came back, and has the window pause so long, unless it does so already.
func (w *Window) Back(now time.Time, pause time.Duration) {
	const cut = 0.7
	if !now.Before(w.until) {
		w.most = max(1, cut*float64(w.flying))
		w.until = now.Add(pause)
	}
	w.flying--
}
