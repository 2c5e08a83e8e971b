// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"fmt"
	"strings"
)

// keyDigits is the width of the number in an item's key.
const keyDigits = 12

// shape is a kind of item.
type shape struct {
	name string
	// attributes is the item behind its key, as DynamoDB JSON without the outer braces.
	attributes string
	// bytes is about the item's size as DynamoDB counts it.
	bytes int
}

// shapes are the items that are moved. What one costs a typed loop goes by its values, and what it costs the engine
// goes by its bytes. So each size is that of an item as applications have them, with a value for every 11 to 14 bytes,
// and beside the small and the large one there is the case in which a typed loop is best: an item that is little more
// than one long string.
var shapes = map[string]shape{
	"0.2KB": {"0.2KB", small, 200},
	"0.2KB string": {
		"0.2KB string",
		`"status":{"S":"OPEN"},"amount":{"N":"1234.56"},"note":{"S":"` + strings.Repeat("x", 130) + `"}`,
		200,
	},
	"0.5KB":      {"0.5KB", mixed, 500},
	"4KB":        {"4KB", mixed + `,"history":{"L":[` + strings.Repeat(event+",", 79) + event + `]}`, 4000},
	"4KB string": {"4KB string", mixed + `,"payload":{"S":"` + strings.Repeat("lorem ipsum dolor ", 195) + `"}`, 4000},
	"400KB":      {"400KB", mixed + `,"history":{"L":[` + strings.Repeat(event+",", 8700) + event + `]}`, 400_000},
}

const (
	// small has 14 values.
	small = `"status":{"S":"OPEN"},"amount":{"N":"1234.56"},"currency":{"S":"EUR"},"paid":{"BOOL":true},"coupon":{"NULL":true},` +
		`"created_at":{"S":"2026-11-23T08:00:00Z"},"version":{"N":"17"},"email":{"S":"someone@example.com"},"tags":{"SS":["new","web"]},` +
		`"reference":{"S":"A-2026-11-0017"},"address":{"M":{"city":{"S":"Springfield"},"zip":{"S":"12345"}}}`
	// mixed has about 30 values of all types.
	mixed = `"status":{"S":"OPEN"},"amount":{"N":"1234.56"},"currency":{"S":"EUR"},"paid":{"BOOL":true},"coupon":{"NULL":true},` +
		`"created_at":{"S":"2026-11-23T08:00:00Z"},"version":{"N":"17"},"email":{"S":"someone@example.com"},` +
		`"tags":{"SS":["new","priority","web"]},"scores":{"NS":["1","2.5","3"]},"digest":{"B":"3q2+7wABAgMEBQYHCAkKCw=="},` +
		`"address":{"M":{"street":{"S":"1 Long Street"},"city":{"S":"Springfield"},"zip":{"S":"12345"},"geo":{"M":{"lat":{"N":"48.137154"},"lon":{"N":"11.576124"}}}}},` +
		`"lines":{"L":[{"M":{"sku":{"S":"A-1"},"qty":{"N":"2"},"price":{"N":"9.99"}}},{"M":{"sku":{"S":"B-2"},"qty":{"N":"1"},"price":{"N":"19.99"}}},{"M":{"sku":{"S":"C-3"},"qty":{"N":"5"},"price":{"N":"0.99"}}}]},` +
		`"comment":{"S":"leave it at the door, please, and ring twice so that we hear it"}`
	// event has four values.
	event = `{"M":{"at":{"S":"2026-11-23T08:00:00Z"},"event":{"S":"packed"},"by":{"N":"1042"}}}`
)

// page is the answer to a Scan for a whole page, with the places where the keys' numbers stand.
type page struct {
	body []byte
	keys []int
}

// newPage renders a page of n items; with keysOnly they have nothing but their key.
func newPage(s shape, n int, keysOnly bool) page {
	var p page
	var b bytes.Buffer
	b.WriteString(`{"Items":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"pk":{"S":"order#`)
		p.keys = append(p.keys, b.Len())
		b.WriteString(strings.Repeat("0", keyDigits) + `"}`)
		if !keysOnly {
			b.WriteString("," + s.attributes)
		}
		b.WriteByte('}')
	}
	units := float64(n*s.bytes) / 8192
	fmt.Fprintf(
		&b,
		`],"Count":%d,"ScannedCount":%d,"ConsumedCapacity":{"TableName":"t","CapacityUnits":%.1f}`,
		n,
		n,
		units,
	)
	p.body = b.Bytes()
	return p
}

// fill appends the page to dst with keys that count up from first, and the position behind it unless it is the last.
func (p page) fill(dst []byte, first int, last bool) []byte {
	start := len(dst)
	dst = append(dst, p.body...)
	for i, at := range p.keys {
		number := dst[start+at : start+at+keyDigits]
		for n, j := first+i, keyDigits-1; j >= 0; j-- {
			number[j] = byte('0' + n%10)
			n /= 10
		}
	}
	if !last {
		dst = fmt.Appendf(dst, `,"LastEvaluatedKey":{"pk":{"S":"order#%0*d"}}`, keyDigits, first+len(p.keys))
	}
	return append(dst, '}')
}
