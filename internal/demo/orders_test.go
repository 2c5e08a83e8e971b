// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// The file holds the orders that the counts tell, by the very conditions of the configuration, and is the same each time.
func TestWriteOrders(t *testing.T) {
	t.Parallel()
	const number = 1000
	path := filepath.Join(t.TempDir(), "orders.jsonl")
	counts, err := writeOrders(path, number)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got orderCounts
	keys := map[[2]string]bool{}
	for text := range bytes.Lines(content) {
		var o struct {
			Customer string `json:"customer_id"`
			Order    string `json:"order_id"`
			Status   string
			Amount   float64
		}
		if err := json.Unmarshal(text, &o); err != nil {
			t.Fatal(err)
		}
		keys[[2]string{o.Customer, o.Order}] = true
		got.all++
		if o.Status == "OPEN" && o.Amount >= 100 {
			got.openOf100++
		}
		if o.Status == "CANCELLED" {
			got.cancelled++
		}
	}
	if got != counts || got.all != number || got.openOf100 == 0 || got.cancelled == 0 {
		t.Errorf("the file has %+v, told are %+v", got, counts)
	}
	if len(keys) != number {
		t.Errorf("%d orders have %d keys", number, len(keys))
	}
	again := filepath.Join(t.TempDir(), "again.jsonl")
	if _, err := writeOrders(again, number); err != nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile(again); err != nil || !bytes.Equal(content, second) {
		t.Errorf("another run writes other orders (%v)", err)
	}
}
