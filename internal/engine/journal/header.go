// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import "time"

// Header is what a record says of its run to whoever watches. All kinds of records have its names, and ID and StartedAt, and use them for
// nothing else.
type Header struct {
	// Kind is "copy" or "purge"; From and To are the tables or files in words, From empty for a purge.
	Kind, From, To string
	// Phase is what the run does, or waits for, in words; empty while it moves items itself.
	Phase string
	// UpdatedAt is when the run was last heard of, zero for a record that only goes along with another one.
	UpdatedAt time.Time
	// Stopped says that the run has failed or was cancelled, and waits for the next apply. That of one that was killed does not say so.
	Stopped bool `json:",omitempty"`
}

// Head is the header of whatever record has it.
func (h Header) Head() Header { return h }
