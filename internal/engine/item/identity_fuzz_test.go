// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
	"unicode/utf8"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// Two keys, as JSON strings, have the same identity exactly when they decode to the same value.
func FuzzIdentity(f *testing.F) {
	for _, pair := range [][2]string{
		{`"é"`, `"\u00e9"`}, {`"a\\"`, `"a\\\""`}, {`"1"`, `"1.0"`}, {`"-0"`, `"0"`},
		{`"1e2"`, `"100"`}, {`"1e-130"`, `"1.0e-130"`}, {`"YQ=="`, `"\u0059Q=="`}, {`""`, `" "`},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for kind, decode := range map[item.Kind]func(string) (string, bool){
			item.S: func(s string) (string, bool) { return s, true },
			item.N: func(s string) (string, bool) {
				if _, err := item.Number(s); err != nil {
					return "", false
				}
				number, ok := new(big.Rat).SetString(s)
				return fmt.Sprint(number), ok
			},
			item.B: func(s string) (string, bool) {
				plain, err := base64.StdEncoding.DecodeString(s)
				return string(plain), err == nil && base64.StdEncoding.EncodeToString(plain) == s // As DynamoDB writes it.
			},
		} {
			identityOfA, valueOfA, ok := keyOf(a, kind, decode)
			identityOfB, valueOfB, also := keyOf(b, kind, decode)
			if ok && also && (identityOfA == identityOfB) != (valueOfA == valueOfB) {
				t.Errorf("%s %s is %q, and %s is %q", kind, a, identityOfA, b, identityOfB)
			}
		}
	})
}

// keyOf returns the identity of an item with the key, and the value that the key decodes to. ok is false for a
// key that is refused.
func keyOf(quoted string, kind item.Kind, decode func(string) (string, bool)) (identity, value string, ok bool) {
	key := []item.KeyAttribute{{Name: "k", Type: kind}}
	raw, err := item.Identity(nil, fmt.Appendf(nil, `{"k":{%q:%s}}`, kind, quoted), key)
	var text string
	if err != nil || !utf8.ValidString(quoted) || json.Unmarshal([]byte(quoted), &text) != nil {
		return "", "", false
	}
	value, ok = decode(text)
	return string(raw), value, ok
}
