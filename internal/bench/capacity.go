// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// capacity is what a limited table takes: the same number of units a second in each of its partitions, which divide the
// keys in the order of the Scan. A partition saves up a tenth of a second of them. Each item is one unit.
type capacity struct {
	partitions int
	units      float64 // A second, of one partition.

	mu      sync.Mutex
	saved   []float64
	filled  time.Time
	load    load
	opening time.Time
}

// load is what reached a limited table.
type load struct {
	Requests, Throttled, Sent, Back, Taken int
}

func newCapacity(partitions int, units float64) *capacity {
	return &capacity{partitions: partitions, units: units, saved: make([]float64, partitions)}
}

// total is the units a second of the whole table.
func (c *capacity) total() float64 { return c.units * float64(c.partitions) }

// take spends the units for the items, and returns those that find none.
func (c *capacity) take(requests []json.RawMessage, items int) (back []json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.opening.IsZero() {
		c.opening, c.filled = now, now
	}
	gained := c.units * now.Sub(c.filled).Seconds()
	c.filled = now
	for i := range c.saved {
		c.saved[i] = min(c.units/10, c.saved[i]+gained)
	}
	for _, request := range requests {
		if p := keyNumber(request) * c.partitions / items; c.saved[p] >= 1 {
			c.saved[p]--
		} else {
			back = append(back, request)
		}
	}
	c.load.Requests++
	c.load.Sent += len(requests)
	c.load.Back += len(back)
	c.load.Taken += len(requests) - len(back)
	if len(back) > 0 {
		c.load.Throttled++
	}
	return back
}

// shares are what a run made of a limited table, in percent: of its capacity between the first and the last write, of
// the write requests, and of the items sent.
type shares struct{ used, throttled, sentBack float64 }

func (c *capacity) shares() shares {
	c.mu.Lock()
	defer c.mu.Unlock()
	return shares{
		used:      100 * float64(c.load.Taken) / (c.total() * c.filled.Sub(c.opening).Seconds()),
		throttled: 100 * float64(c.load.Throttled) / float64(c.load.Requests),
		sentBack:  100 * float64(c.load.Back) / float64(c.load.Sent),
	}
}

// keyNumber is the number in the key of an item.
func keyNumber(request []byte) int {
	const mark = `order#`
	at := bytes.Index(request, []byte(mark)) + len(mark)
	n, err := strconv.Atoi(string(request[at : at+keyDigits]))
	if err != nil {
		panic(err) // The items are of this program's own making.
	}
	return n
}

// write answers a BatchWriteItem of a limited table.
func (c *capacity) write(request []byte, items int) (status int, answer []byte) {
	var table string
	var requests []json.RawMessage
	err := item.Members(request, func(name, value []byte) error {
		if string(name) != `"RequestItems"` {
			return nil
		}
		return item.Members(value, func(name, value []byte) error {
			table = string(name)
			return item.Elements(value, func(raw []byte) error {
				requests = append(requests, raw)
				return nil
			})
		})
	})
	if err != nil {
		panic(err) // As above.
	}
	back := c.take(requests, items)
	if len(back) == len(requests) {
		return http.StatusBadRequest, []byte(
			`{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"too fast"}`,
		)
	}
	unprocessed := "{}"
	if len(back) > 0 {
		list, err := json.Marshal(back)
		if err != nil {
			panic(err)
		}
		unprocessed = fmt.Sprintf(`{%s:%s}`, table, list)
	}
	return http.StatusOK, fmt.Appendf(
		nil,
		`{"UnprocessedItems":%s,"ConsumedCapacity":[{"TableName":%s,"CapacityUnits":%d}]}`,
		unprocessed,
		table,
		len(requests)-len(back),
	)
}
