// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter_test

import (
	"errors"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
)

func TestHideNames(t *testing.T) {
	t.Parallel()
	f := &filter.Filter{Names: map[string]string{"#k": "customer.id", "#a": "a"}}
	for given, want := range map[string]string{
		"Primary key attribute: customer.id":                                  "Primary key attribute: #k",
		"first operand: [customer.id], second: a":                             "first operand: [#k], second: #a",
		"no such customer.ids, and no data; attribute name: #a, value: x:a-b": "no such customer.ids, and no data; attribute name: #a, value: x:a-b",
	} {
		if got := f.HideNames(errors.New(given)).Error(); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
	err := errors.New("a")
	if (*filter.Filter)(nil).HideNames(err) != err || f.HideNames(nil) != nil { //nolint:errorlint // The very same.
		t.Error("no filter changes an error")
	}
}
