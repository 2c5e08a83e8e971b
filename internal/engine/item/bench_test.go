// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item_test

import (
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// BenchmarkItems finds the items of a page as in the response to a Scan.
func BenchmarkItems(b *testing.B) {
	const n = 1000
	page := []byte("[" + strings.Repeat(everyType+",", n-1) + everyType + "]")
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		found := 0
		if _, err := item.Items(page, func([]byte) { found++ }); err != nil || found != n {
			b.Fatal(found, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
}

// BenchmarkSkip walks an item as arbitrary JSON.
func BenchmarkSkip(b *testing.B) {
	raw := []byte(everyType)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if n, err := item.Skip(raw); err != nil || n != len(raw) {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkIdentity finds the key of an unprocessed item, and of an item that has only its key.
func BenchmarkIdentity(b *testing.B) {
	for name, test := range map[string]struct {
		raw string
		key []item.KeyAttribute
	}{
		"every type": {everyType, []item.KeyAttribute{{Name: "pk", Type: item.S}, {Name: "n", Type: item.N}}},
		"key":        {`{"pk":{"S":"order#000000001234"}}`, []item.KeyAttribute{{Name: "pk", Type: item.S}}},
	} {
		b.Run(name, func(b *testing.B) {
			raw := []byte(test.raw)
			var identity []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if identity, err = item.Identity(identity[:0], raw, test.key); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
