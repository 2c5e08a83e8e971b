// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package journal keeps the progress of runs where it outlives the process: a run that was interrupted goes on where it
// stopped, and a run that is going on is not started a second time.
//
// A journal is a set of records, one a run, each a small JSON document under the run's name. The process that works on a record
// holds its lock. All names of records are made in names.go, and begin with the [Kind] of the record. [Header] is what all
// kinds have in common.
package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Journal is where records are kept: a folder of this machine, or a prefix of an S3 bucket.
type Journal interface {
	// Open takes the record of that name, which need not exist yet, for this process alone. It returns a *HeldError while
	// another process has it, and may return an *UnreadableError for what Load could not read.
	Open(ctx context.Context, name string) (Record, error)
	// Names lists the records there are.
	Names(ctx context.Context) ([]string, error)
	// Peek reads a record without taking it. It returns false if there is none, and an *UnreadableError if it is not a record.
	Peek(ctx context.Context, name string, record any) (bool, error)
	// SaveInterval is the least time between two savings of one record, by what a saving costs.
	SaveInterval() time.Duration
	// String says where the journal is.
	String() string
}

// Record is one run's record, locked until Close. It is not safe for concurrent use.
type Record interface {
	// Load decodes the record. It returns false if there is none, and an *UnreadableError if it is not a record.
	Load(ctx context.Context, record any) (bool, error)
	// Save replaces the record, wholly or not at all. ErrTaken is for good: the record is another process's.
	Save(ctx context.Context, record any) error
	// Remove deletes the record; the run is complete.
	Remove(ctx context.Context) error
	// Close lets go of the lock. The record stays.
	Close() error
}

// Holder says who has a record.
type Holder struct {
	Host    string    `json:"host"`
	Process int       `json:"process"`
	Since   time.Time `json:"since"`
}

// Has says for how long the holder has been doing something, such as "copying it".
func (h Holder) Has(been string) string {
	if h.Process == 0 {
		return "Another process has just begun " + been + "."
	}
	return fmt.Sprintf("Process %d on %s has been %s since %s.", h.Process, h.Host, been, h.Since.UTC().Format(time.RFC3339))
}

// HeldError says that another process works on the record.
type HeldError struct{ Holder Holder }

func (e *HeldError) Error() string { return e.Holder.Has("using the record") }

// ErrName is the error for a name that cannot be a record's.
var ErrName = errors.New("a record's name is made of a-z, 0-9 and -")

// valid keeps names to what is harmless in a path and in a key of S3.
func valid(name string) error {
	if name == "" {
		return ErrName
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return ErrName
		}
	}
	return nil
}
