// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import "testing"

// The ARN of a table is the beginning of the ARNs of other tables, and of its own indexes and stream.
func TestReplaceARN(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
	for text, want := range map[string]string{
		`"` + arn + `"`:             `"$"`,
		`"` + arn + `/index/one"`:   `"$/index/one"`,
		`["` + arn + `","` + arn:    `["$","$`,
		`"` + arn + `-archive"`:     `"` + arn + `-archive"`,
		`"` + arn + `.2"`:           `"` + arn + `.2"`,
		`"` + arn + `_old/index/x"`: `"` + arn + `_old/index/x"`,
		`nothing`:                   `nothing`,
	} {
		if got := string(replaceARN([]byte(text), arn, "$")); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
	if got := string(replaceARN([]byte("text"), "", "$")); got != "text" {
		t.Errorf("without an ARN: %s", got)
	}
}
