// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

func TestJSONKeepsWhatAUserReads(t *testing.T) {
	t.Parallel()
	for _, original := range []error{nil, errors.New("api error X: \"quoted\"")} {
		want := problem.Problem{
			Summary:   "Table Gone",
			Attribute: "source.table",
			Table:     "orders",
			Account:   "111122223333",
			Region:    "eu-west-1",
			Counts:    "So far: 1.",
			Cause:     "It was deleted.",
			Next:      "Create it.",
			Err:       original,
			Warning:   true,
		}
		raw, err := json.Marshal(&want)
		if err != nil {
			t.Fatal(err)
		}
		var got problem.Problem
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if got.Summary != want.Summary || got.Attribute != want.Attribute || got.Detail() != want.Detail() ||
			got.Warning != want.Warning || (got.Err == nil) != (original == nil) {
			t.Errorf("%s was decoded as %+v", raw, got)
		}
	}
}
