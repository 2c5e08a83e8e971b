// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package journal keeps the progress of runs where it outlives the process: an interrupted run resumes where it
// stopped, and a run that is under way is not started a second time.
//
// A journal is a set of records, one for each run, each a small JSON document under the run's name. The process that
// works on a record holds its lock. All names of records are made in names.go, and begin with the [Kind] of the
// record. [Header] is what all kinds have in common.
package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Journal is where records are kept: a folder of this machine, or a prefix of an S3 bucket.
type Journal interface {
	// Open takes the record of that name, which need not exist yet, for this process alone. It returns a *HeldError
	// while another process has it, and may return an *UnreadableError for what Load could not read.
	Open(ctx context.Context, name string) (Record, error)
	// Names returns the names of the records.
	Names(ctx context.Context) ([]string, error)
	// Peek reads a record without taking it. It returns false if there is none, and an *UnreadableError if the record
	// cannot be read.
	Peek(ctx context.Context, name string, record any) (bool, error)
	// SaveInterval is the least time to leave between two saves of a record, by what a save costs.
	SaveInterval() time.Duration
	// String describes where the journal is.
	String() string
}

// Record is one run's record, locked until Close. It is not safe for concurrent use.
type Record interface {
	// Load decodes the record. It returns false if there is none, and an *UnreadableError if the record cannot be read.
	Load(ctx context.Context, record any) (bool, error)
	// Save replaces the record, wholly or not at all. ErrTaken is final: another process has the record now.
	Save(ctx context.Context, record any) error
	// Remove deletes the record of a complete run.
	Remove(ctx context.Context) error
	// Close releases the lock. The record stays.
	Close() error
}

// Holder is the process that holds a record.
type Holder struct {
	Host    string    `json:"host"`
	Process int       `json:"process"`
	Since   time.Time `json:"since"`
}

// Has returns a sentence on how long the holder has been doing something, such as "copying it".
func (h Holder) Has(been string) string {
	if h.Process == 0 {
		return "Another process has just begun " + been + "."
	}
	return fmt.Sprintf(
		"Process %d on %s has been %s since %s.", h.Process, h.Host, been, h.Since.UTC().Format(time.RFC3339),
	)
}

// HeldError is the error for a record that another process holds.
type HeldError struct{ Holder Holder }

func (e *HeldError) Error() string { return e.Holder.Has("using the record") }

// ErrName is the error for a name that a record cannot have.
var ErrName = errors.New("a record's name is made of a-z, 0-9 and -")

// valid returns ErrName unless the name is harmless in a path and in a key of S3.
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
