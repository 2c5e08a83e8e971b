// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
)

// A Crew grows while the service handles more with a larger one, and returns from a size that gained nothing.
func TestCrewGrowsWhileItPays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ useful, least, most int }{
		"the first are enough": {useful: 10, least: 16, most: 25},
		"some are needed":      {useful: 60, least: 54, most: 100},
		"all are needed":       {useful: 500, least: 128, most: 128},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(0, 0)
			pool := pace.NewPool(16, 128, now)
			largest := 0
			for range 2000 {
				now = now.Add(10 * time.Millisecond)
				pool.Answered(now, 25*min(pool.Size(), test.useful))
				largest = max(largest, pool.Size())
			}
			if largest < test.least || largest > test.most {
				t.Errorf("the crew grew to %d, want %d to %d", largest, test.least, test.most)
			}
			if test.useful < 16 && pool.Size() > 25 {
				t.Errorf("the crew stays at %d", pool.Size())
			}
		})
	}
}
