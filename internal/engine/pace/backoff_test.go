// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

func TestBackoffWait(t *testing.T) {
	t.Parallel()
	b := pace.Backoff{First: 20 * time.Millisecond, Most: 100 * time.Millisecond}
	for _, test := range []struct {
		failures int
		chance   float64
		want     time.Duration
	}{
		{1, 0, 10 * time.Millisecond},
		{1, 1, 20 * time.Millisecond},
		{2, 0.5, 30 * time.Millisecond},
		{3, 1, 80 * time.Millisecond},
		{4, 1, 100 * time.Millisecond},
		{4, 0, 50 * time.Millisecond},
		{1 << 30, 1, 100 * time.Millisecond},
	} {
		if got := b.Wait(test.failures, test.chance); got != test.want {
			t.Errorf("Wait(%d, %v) = %v, want %v", test.failures, test.chance, got, test.want)
		}
	}
}
