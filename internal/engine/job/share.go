// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// Share is a task's share of a run that is spread over machines. A nil Share is the whole run.
type Share struct {
	// Number counts from 0 to Count-1.
	Number, Count int
	// Segments is how many segments the share is read in.
	Segments int
	// AtOnce is how many tasks run at once.
	AtOnce int
	// Run is the whole run, as transforms see it. Repeated reports whether an earlier attempt may have written the same
	// items.
	Run      transform.Run
	Repeated bool
	// Reads and Writes identify the tables of the run.
	Reads, Writes string
	// Objects is the hash of what a source in S3 holds. Export is the prefix of the export that a copy to S3 writes.
	Objects, Export string
	// Capacity is what is known about the table that all tasks write to.
	Capacity pace.Capacity
}

// Processes returns how many processes work on the run at once.
func (s *Share) Processes() int {
	if s == nil {
		return 1
	}
	return s.AtOnce
}

// Of narrows the source to the share.
func (s *Share) Of(source store.Source) store.Source {
	if s == nil {
		return source
	}
	return store.Share(source, s.Number, s.Count)
}
