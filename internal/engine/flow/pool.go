// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// pool is the writers of a run. It has as many as move more items.
type pool struct {
	start func(*pool)

	mu      sync.Mutex
	size    *pace.Pool
	writers int // At work.
}

func newPool(first, most int, start func(*pool)) *pool {
	return &pool{start: start, size: pace.NewPool(first, most, time.Now())}
}

// add starts so many writers.
func (c *pool) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.grow(n)
}

func (c *pool) grow(n int) {
	for range n {
		c.writers++
		c.start(c)
	}
}

// answered adds the settled items of a batch, and reports whether its writer should leave.
func (c *pool) answered(items int) (leave bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size.Answered(time.Now(), items)
	if c.writers > c.size.Size() {
		c.writers--
		return true
	}
	c.grow(c.size.Size() - c.writers)
	return false
}
