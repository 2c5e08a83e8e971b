// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"encoding/base64"
	"errors"
	"fmt"
)

const (
	// The lengths of key values ("Quotas in Amazon DynamoDB", partition keys and sort keys).
	maxPartitionBytes, maxSortBytes = 2048, 1024
)

// ErrTooLarge is the error for an item that is larger than any that DynamoDB takes.
var ErrTooLarge = fmt.Errorf("the item has more than the %d KB that DynamoDB takes, by its way of counting", MaxBytes>>10)

// Keys are the keys of a table and of its secondary indexes.
type Keys struct {
	// Table is the primary key: the partition key, then the sort key if there is one.
	Table []KeyAttribute
	// Indexes are those of which a table refuses items that do not fit.
	Indexes []IndexKey
}

// IndexKey is the key of a secondary index, which may have several attributes of both kinds.
type IndexKey struct {
	Name            string
	Partition, Sort []KeyAttribute
}

// Fit returns the first reason, if there is one, for which a table with these keys does not take an item that Check has passed: key
// attributes that are missing, empty, too long or of another type ("Quotas in Amazon DynamoDB", "Working with items and attributes"), or an
// item that is too large. It returns nothing where DynamoDB's documentation leaves a doubt.
func (k Keys) Fit(raw []byte) error {
	values := map[string][]byte{}
	err := Members(raw, func(quoted, value []byte) error {
		name, err := unquote(quoted)
		if err == nil {
			values[string(name)] = value
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := k.FitValues(func(name string) []byte { return values[name] }); err != nil {
		return err
	}
	if len(raw) <= MaxBytes { // As JSON every value is longer.
		return nil
	}
	size, err := Size(raw)
	if err == nil && size > MaxBytes {
		err = ErrTooLarge
	}
	return err
}

// FitValues is Fit for the keys alone, of an item whose attributes value returns, nil for none.
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
		if err := index.fit(value); err != nil {
			return err
		}
	}
	return nil
}

// fit looks at what the item has of the index's key. An item that lacks an attribute of it is not in the index; whether DynamoDB looks
// at the length of the others is not documented.
func (k IndexKey) fit(value func(name string) []byte) error {
	const anyLength = MaxBytes
	whole := len(k.Partition) == 1 && len(k.Sort) <= 1
	for _, attribute := range k.Sort {
		whole = whole && value(attribute.Name) != nil
	}
	for _, part := range []struct {
		attributes []KeyAttribute
		most       int
	}{{k.Partition, maxPartitionBytes}, {k.Sort, maxSortBytes}} {
		for _, attribute := range part.attributes {
			v := value(attribute.Name)
			if v == nil {
				continue
			}
			most := part.most
			if !whole || value(k.Partition[0].Name) == nil {
				most = anyLength
			}
			if err := attribute.fit(v, most); err != nil {
				var unfit *KeyError
				if errors.As(err, &unfit) {
					unfit.Index = k.Name
				}
				return err
			}
		}
	}
	return nil
}

// fit returns what is wrong with the value as one of the key attribute, of which so many bytes may be.
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
		return &KeyError{Attribute: a, Got: kind, Fault: fmt.Sprintf("has %d bytes, and DynamoDB takes at most %d", length, most)}
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
