// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// formatVersion is the version of the records' format. A record states its version in the member "Version"; without
// it the version is 1. Raise it, and write it, when new records would be misread by this version.
const formatVersion = 1

// UnreadableError is the error of Open, Load and Peek for a record that exists and that this program cannot read: it
// was cut short, is not a record at all, or is of a later version of the format.
type UnreadableError struct {
	// Name is the record's name, Place its path, or its URI in S3.
	Name, Place string
	Err         error
}

func (e *UnreadableError) Error() string { return fmt.Sprintf("%s: %v", e.Place, e.Err) }

func (e *UnreadableError) Unwrap() error { return e.Err }

// ErrLater is the error for a record of a later version of the format.
var ErrLater = errors.New("a later version of the provider has written it")

var (
	errEmpty     = errors.New("it is empty")
	errNotObject = errors.New("it is not a JSON object")
	errNotInS3   = errors.New("it is not a record of a journal in S3, which has a token")
)

// decode decodes the content of a record into the value. The error is an *UnreadableError without its name and place.
func decode(content []byte, record any) error {
	content = bytes.TrimSpace(content)
	var format struct{ Version int }
	var err error
	switch {
	case len(content) == 0:
		err = errEmpty
	case content[0] != '{':
		err = errNotObject
	default:
		err = json.Unmarshal(content, &format)
	}
	if err == nil && format.Version > formatVersion {
		err = ErrLater
	}
	if err == nil {
		err = json.Unmarshal(content, record)
	}
	if err != nil {
		return &UnreadableError{Err: err}
	}
	return nil
}

// at adds the record's name and place to an *UnreadableError. Another error, or nil, stays as it is.
func at(name, place string, err error) error {
	if unreadable, ok := errors.AsType[*UnreadableError](err); ok {
		return &UnreadableError{Name: name, Place: place, Err: unreadable.Err}
	}
	return err
}
