// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"errors"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// RefusedError is DynamoDB's refusal of one item. It never contains a value of the item.
type RefusedError struct {
	// Fault is what is wrong with the item. If it is nil, nothing is known to be wrong, and the reason may lie elsewhere.
	Fault error
	// Err is DynamoDB's answer.
	Err error
}

func (e *RefusedError) Error() string {
	if e.Fault == nil {
		return e.Err.Error()
	}
	return e.Fault.Error() + " (" + e.Err.Error() + ")"
}

func (e *RefusedError) Unwrap() error { return e.Err }

// itemCodes are the error codes of requests whose item DynamoDB refuses: it does not fit, or the items with its
// partition key and their entries in local indexes would exceed 10 GB ("Item collections").
var itemCodes = map[string]bool{"ValidationException": true, tooLargeCollection: true}

const tooLargeCollection = "ItemCollectionSizeLimitExceededException"

// SameKeys reports whether the error is that two items have the same key: they were compared, or met in one batch, which
// DynamoDB refuses.
func SameKeys(err error) bool { return errors.Is(err, ErrSameKey) || awserr.SameKeys(err) }

// refused reports whether DynamoDB may have refused a request because of an item. Two items with the same key are not
// at fault alone.
func refused(err error) bool {
	return itemCodes[awserr.Code(err)] && !SameKeys(err)
}

// Faults of an item together with its entries in local secondary indexes ("Local secondary indexes").
var (
	errCollection = errors.New("the items with its partition key, with their entries in local secondary indexes, would " +
		"be more than 10 GB")
	errEntries = errors.New("the item and its entries in local secondary indexes may have more than 400 KB together")
)

// refusal returns DynamoDB's refusal of an item to put, or of a key to delete.
func (t *Table) refusal(raw []byte, isKey bool, err error) error {
	refused := &RefusedError{Err: err, Fault: item.Check(raw)}
	switch {
	case refused.Fault != nil:
	case isKey:
		refused.Fault = item.Keys{Table: t.Key}.Fit(raw)
	default:
		refused.Fault = t.fault(raw, awserr.Code(err))
	}
	return refused
}

// fault returns what is wrong with an item that Check accepts and DynamoDB refused with that code. If AWS does not
// document the rule, the refusal itself is the evidence.
func (t *Table) fault(raw []byte, code string) error {
	if err := t.Keys().Fit(raw); err != nil {
		return err
	}
	if err := t.keys(true).Doubt(raw); err != nil {
		return err
	}
	local := len(t.Description.LocalSecondaryIndexes)
	if local == 0 {
		return nil
	}
	if code == tooLargeCollection {
		return errCollection
	}
	if size, err := item.Size(raw); err != nil || size*(1+local) > item.MaxBytes {
		return errEntries
	}
	return nil
}
