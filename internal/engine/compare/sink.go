// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package compare

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// bufferBytes is how much of a bucket is buffered before it is written to its file.
const bufferBytes = 16 << 10

// sink writes the digests of the items of one set. An item that lacks the comparison's key cannot be in the
// table, and is Failed.
type sink struct {
	comparison *Comparison

	mu    sync.Mutex
	files [buckets]*os.File
	out   [buckets]*bufio.Writer
}

// Sink returns a sink for the items of the set. Everything is in the files when the sink is closed.
func (c *Comparison) Sink(side Side) (store.Sink, error) {
	s := &sink{comparison: c}
	for i := range buckets {
		file, err := os.OpenFile(c.path(side, i), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, errors.Join(err, s.Close(false))
		}
		s.files[i], s.out[i] = file, bufio.NewWriterSize(file, bufferBytes)
	}
	return s, nil
}

func (s *sink) Limits() (items, bytes int) { return 1000, 1 << 20 }

func (s *sink) Write(_ context.Context, items [][]byte, outcomes []store.Outcome) (receipt store.Receipt, err error) {
	records := make([]record, 0, len(items))
	var buffer []byte
	for i, raw := range items {
		var r record
		r, buffer, err = s.comparison.digest(buffer, raw)
		var key *item.KeyError
		switch {
		case errors.As(err, &key):
			outcomes[i] = store.Failed
			receipt.Refused = append(receipt.Refused, store.Refusal{Index: i, Err: err})
		case err != nil:
			return receipt, err
		default:
			outcomes[i] = store.Written
			records = append(records, r)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		if _, err := s.out[r[0]%buckets].Write(r[:]); err != nil {
			return receipt, err
		}
	}
	return receipt, nil
}

// digest returns the item's record, and buffer, which it uses, for the next item.
func (c *Comparison) digest(buffer, raw []byte) (r record, _ []byte, err error) {
	values, err := item.Canonical(append(buffer[:0], c.secret...), raw)
	if err != nil {
		return r, values, err
	}
	sum := sha256.Sum256(values)
	copy(r[keyBytes:], sum[keyBytes:])
	if c.key == nil {
		copy(r[:keyBytes], sum[:])
		return r, values, nil
	}
	identity, err := item.Identity(values[:len(c.secret)], raw, c.key)
	if err != nil {
		return r, values, err
	}
	sum = sha256.Sum256(identity)
	copy(r[:keyBytes], sum[:])
	return r, values, nil
}

// Close flushes the records to the files.
func (s *sink) Close(bool) error {
	var errs []error
	for i, file := range s.files {
		if file != nil {
			errs = append(errs, s.out[i].Flush(), file.Close())
		}
	}
	return errors.Join(errs...)
}
