// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package pause_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
)

func TestSleep(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		timeout, want time.Duration
		err           error
	}{
		"the time is over": {timeout: time.Hour, want: time.Minute, err: nil},
		"the context ends": {timeout: time.Second, want: time.Second, err: context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
				defer cancel()
				start := time.Now()
				if err := pause.Sleep(ctx, time.Minute); !errors.Is(err, test.err) {
					t.Errorf("error = %v, want %v", err, test.err)
				}
				if slept := time.Since(start); slept != test.want {
					t.Errorf("slept for %s, want %s", slept, test.want)
				}
			})
		})
	}
}
