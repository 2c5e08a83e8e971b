// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// The maximum lengths of key values ("Quotas in Amazon DynamoDB", partition keys and sort keys).
const maxPartitionBytes, maxSortBytes = 2048, 1024

// ErrTooLarge is the error for an item that is larger than DynamoDB allows.
var ErrTooLarge = fmt.Errorf(
	"the item has more than the %d KB that DynamoDB allows, as DynamoDB counts them", MaxBytes>>10)

// Keys are the keys of a table and of its secondary indexes.
type Keys struct {
	// Table is the primary key: the partition key, followed by the sort key if there is one.
	Table []KeyAttribute
	// Indexes are the keys of the indexes for which a table refuses items that do not fit.
	Indexes []IndexKey
}

// IndexKey is the key of a secondary index. It may have several partition and sort attributes.
type IndexKey struct {
	Name            string
	Partition, Sort []KeyAttribute
}

// Fit returns the first reason why a table with these keys refuses an item that Check has passed, or nil: key
// attributes that are missing, empty, too long or of another type ("Quotas in Amazon DynamoDB", "Working with
// items and attributes"), or an item that is too large. Where DynamoDB's documentation leaves a doubt, it
// returns nil.
func (k Keys) Fit(raw []byte) error {
	values, err := valuesOf(raw)
	if err != nil {
		return err
	}
	if err := k.FitValues(func(name string) []byte { return values[name] }); err != nil {
		return err
	}
	if len(raw) <= MaxBytes { // Every value is longer as JSON.
		return nil
	}
	size, err := Size(raw)
	if err == nil && size > MaxBytes {
		err = ErrTooLarge
	}
	return err
}

// Doubt returns a reason why the indexes may refuse an item that Fit passes, or nil: an index key attribute
// that is longer than a sort key may be, whether it is a partition or a sort attribute.
func (k Keys) Doubt(raw []byte) error {
	values, err := valuesOf(raw)
	if err != nil {
		return err
	}
	for _, index := range k.Indexes {
		if err := index.fit(func(name string) []byte { return values[name] }, maxSortBytes, maxSortBytes); err != nil {
			return err
		}
	}
	return nil
}

// valuesOf returns the values of an item's attributes by their names.
func valuesOf(raw []byte) (map[string][]byte, error) {
	values := map[string][]byte{}
	err := Members(raw, func(quoted, value []byte) error {
		name, err := unquote(quoted)
		if err == nil {
			values[string(name)] = value
		}
		return err
	})
	return values, err
}

// FitValues checks what Fit does, except the item's size. value returns the value of an attribute, or nil if
// the item lacks it.
func (k Keys) FitValues(value func(name string) []byte) error {
	for i, attribute := range k.Table {
		v := value(attribute.Name)
		if v == nil {
			return &KeyError{Attribute: attribute}
		}
		most := maxPartitionBytes
		if i > 0 {
			most = maxSortBytes
		}
		if err := attribute.fit(v, most); err != nil {
			return err
		}
	}
	for _, index := range k.Indexes {
		mostPartition, mostSort := maxPartitionBytes, maxSortBytes
		if !index.holds(value) {
			mostPartition, mostSort = MaxBytes, MaxBytes
		}
		if err := index.fit(value, mostPartition, mostSort); err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether the item is in the index and the limits of its key are known. An item that lacks an
// attribute of the key is not in the index. It is not documented whether DynamoDB checks the length of the
// other attributes then, or of several attributes together.
func (k IndexKey) holds(value func(name string) []byte) bool {
	known := len(k.Partition) == 1 && len(k.Sort) <= 1
	for i := range k.length() {
		known = known && value(k.at(i).Name) != nil
	}
	return known
}

// at returns the i-th attribute of the key.
func (k IndexKey) at(i int) KeyAttribute {
	if i < len(k.Partition) {
		return k.Partition[i]
	}
	return k.Sort[i-len(k.Partition)]
}

func (k IndexKey) length() int { return len(k.Partition) + len(k.Sort) }

// fit checks the attributes of the index's key that the item has.
func (k IndexKey) fit(value func(name string) []byte, mostPartition, mostSort int) error {
	for i := range k.length() {
		attribute := k.at(i)
		v := value(attribute.Name)
		if v == nil {
			continue
		}
		most := mostPartition
		if i >= len(k.Partition) {
			most = mostSort
		}
		err := attribute.fit(v, most)
		if unfit, ok := errors.AsType[*KeyError](err); ok {
			unfit.Index = k.Name
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fit returns what is wrong with the value as that key attribute, which may have at most that many bytes.
func (a KeyAttribute) fit(value []byte, most int) error {
	kind, content, err := Content(value)
	switch {
	case err != nil:
		return err
	case kind != a.Type:
		return &KeyError{Attribute: a, Got: kind}
	}
	text, err := unquote(content)
	if err != nil {
		return err
	}
	length := len(text)
	switch kind {
	case N:
		_, err := Number(string(text))
		return err
	case B:
		if length, err = decodedLen(text); err != nil {
			return err
		}
	}
	switch {
	case length == 0:
		return &KeyError{Attribute: a, Got: kind, Fault: "is empty"}
	case length > most:
		fault := fmt.Sprintf("has %d bytes, and DynamoDB takes at most %d", length, most)
		return &KeyError{Attribute: a, Got: kind, Fault: fault}
	}
	return nil
}

func decodedLen(text []byte) (int, error) {
	content, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil {
		return 0, ErrBinary
	}
	return len(content), nil
}
