// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform_test

import (
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// mixed has about 30 values of all types, as the items of the larger benchmark.
const mixed = `{"pk":{"S":"order#000000000001"},"status":{"S":"OPEN"},"amount":{"N":"1234.56"},"currency":{"S":"EUR"},"paid":{"BOOL":true},"coupon":{"NULL":true},` +
	`"created_at":{"S":"2026-11-23T08:00:00Z"},"version":{"N":"17"},"email":{"S":"someone@example.com"},` +
	`"tags":{"SS":["new","priority","web"]},"scores":{"NS":["1","2.5","3"]},"digest":{"B":"3q2+7wABAgMEBQYHCAkKCw=="},` +
	`"address":{"M":{"street":{"S":"1 Long Street"},"city":{"S":"Springfield"},"zip":{"S":"12345"},"geo":{"M":{"lat":{"N":"48.137154"},"lon":{"N":"11.576124"}}}}},` +
	`"lines":{"L":[{"M":{"sku":{"S":"A-1"},"qty":{"N":"2"},"price":{"N":"9.99"}}},{"M":{"sku":{"S":"B-2"},"qty":{"N":"1"},"price":{"N":"19.99"}}}]},` +
	`"comment":{"S":"leave it at the door, please, and ring twice so that we hear it"}}`

func BenchmarkApply(b *testing.B) {
	for name, steps := range map[string][]transform.Step{
		"rename and remove": {rename("comment", "remark"), remove("coupon")},
		"in a map":          {remove("address.street")},
		"mask":              {mask("email")},
		"set":               {set("email", "'user-' + sha256(item.pk) + '@example.com'")},
		"drop":              {dropIf("item.amount == 0")},
	} {
		b.Run(name, func(b *testing.B) {
			p, problems := transform.Compile(steps, transform.Options{})
			if len(problems) > 0 {
				b.Fatal(problems[0])
			}
			var out []byte
			raw := []byte(mixed)
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if out, _, err = p.Apply(out[:0], raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
