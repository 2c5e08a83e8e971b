// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

const (
	// checkBytes is how much of a file is checked before a run, so that a plan stays short. What lies behind it is checked as
	// it is read.
	checkBytes = 256 << 20
	// checkKeys is how many keys are kept for finding equal ones, so that a file of short lines does not take hundreds of megabytes.
	checkKeys = 2_000_000
)

// CheckJSONLines reads the file, its first 256 MiB if it is larger, and returns the first line that is no item, lacks one of the
// attributes wanted, or has a key that one of the first 2,000,000 has; without a key, lines may be equal.
func CheckJSONLines(ctx context.Context, path string, wanted, key []item.KeyAttribute) (err error) {
	source, err := openJSONLines(path, wanted)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	seed := maphash.MakeSeed()
	lines := map[uint64]int{}
	var page Page
	var after []byte
	for checked := 0; checked < checkBytes; checked += page.read {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := source.Read(ctx, Part{Of: 1}, after, &page); err != nil {
			return err
		}
		for i, raw := range page.Items {
			if key == nil {
				break
			}
			identity, err := item.Identity(nil, raw, key)
			if err != nil {
				return err
			}
			hash := maphash.Bytes(seed, identity)
			if first, ok := lines[hash]; ok {
				return &LineError{path, page.lines[i], fmt.Errorf("%w as the one in line %d", ErrSameKey, first)}
			}
			if len(lines) < checkKeys {
				lines[hash] = page.lines[i]
			}
		}
		if after = page.Next; after == nil {
			return nil
		}
	}
	return nil
}
