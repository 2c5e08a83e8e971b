// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import "time"

// Header is what a record says of its run to the watch command. Records of all kinds have these fields, and ID and
// StartedAt, and use these names for nothing else.
type Header struct {
	// Kind is "copy" or "purge"; From and To are the tables or files in words, From empty for a purge.
	Kind, From, To string
	// Phase is what the run does, or waits for, in words; empty while it moves items itself.
	Phase string
	// UpdatedAt is when the run last reported, zero for a record that accompanies another one.
	UpdatedAt time.Time
	// Stopped reports whether the run has failed or was cancelled, and waits for the next apply. It stays false for a
	// run that was killed.
	Stopped bool `json:",omitempty"`
}

// Head returns the header of any record that embeds it.
func (h Header) Head() Header { return h }
