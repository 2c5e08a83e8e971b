// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package pause waits between two attempts at the same thing, for every layer of the engine.
package pause

import (
	"context"
	"time"
)

// Sleep waits for d. If ctx ends first, it returns ctx's error at once, unlike [time.Sleep].
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
