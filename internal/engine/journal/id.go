// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"crypto/sha256"

	"github.com/google/uuid"
)

// NewID returns a new id for a run, or for an operation of a run, whose record has that name. It is a UUID of version
// 8 (RFC 9562) whose last six bytes are a hash of the name. The names of what a run creates contain its id. With the
// id of another run in its record, a run would take what belongs to that one for its own: [IsID] detects this.
func NewID(name string) string {
	id := uuid.New()
	copy(id[idRandom:], idHash(name))
	id[6] = id[6]&0x0f | 0x80
	return id.String()
}

// NextID returns a new id for the same record as an earlier id.
func NextID(id string) string {
	next := uuid.New()
	if earlier, err := uuid.Parse(id); err == nil {
		copy(next[idRandom:], earlier[idRandom:])
	}
	next[6] = next[6]&0x0f | 0x80
	return next.String()
}

// IsID reports whether the text is an id that NewID makes for the record of that name.
func IsID(text, name string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text && string(id[idRandom:]) == string(idHash(name))
}

// idRandom is how many bytes of an id come before the hash.
const idRandom = 10

func idHash(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:len(uuid.UUID{})-idRandom]
}
