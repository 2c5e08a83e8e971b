// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package compare

import (
	"container/heap"
	"errors"
	"io"
)

// merge returns a function that returns the keys of all sorted sequences in sorted order, and then io.EOF.
func merge(all []func() (keyed, error)) (func() (keyed, error), error) {
	h := new(heads)
	for _, next := range all {
		one, err := next()
		if errors.Is(err, io.EOF) {
			continue
		}
		if err != nil {
			return nil, err
		}
		*h = append(*h, head{key: one, next: next})
	}
	heap.Init(h)
	return func() (keyed, error) {
		if h.Len() == 0 {
			return keyed{}, io.EOF
		}
		least := (*h)[0].key
		one, err := (*h)[0].next()
		switch {
		case errors.Is(err, io.EOF):
			heap.Pop(h)
		case err != nil:
			return keyed{}, err
		default:
			(*h)[0].key = one
			heap.Fix(h, 0)
		}
		return least, nil
	}, nil
}

// head is the first remaining key of a sequence. next returns the ones after it.
type head struct {
	key  keyed
	next func() (keyed, error)
}

// heads is a heap of sequences, ordered by their first remaining keys.
type heads []head

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return h[i].key.compare(h[j].key) < 0 }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push does nothing, since no head is ever added. heap.Interface requires it.
func (h *heads) Push(any) {}

// Pop removes the last head.
func (h *heads) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
