// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package flow

import (
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// crew is the writers of a run, as many as pay.
type crew struct {
	start func(*crew)

	mu      sync.Mutex
	size    *pace.Crew
	writers int // At work.
}

func newCrew(first, most int, start func(*crew)) *crew {
	return &crew{start: start, size: pace.NewCrew(first, most, time.Now())}
}

// hire starts so many writers.
func (c *crew) hire(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.grow(n)
}

func (c *crew) grow(n int) {
	for range n {
		c.writers++
		c.start(c)
	}
}

// answered enters the items of a batch that is settled, and returns whether its writer is to leave.
func (c *crew) answered(items int) (leave bool) {
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
