// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
)

func TestDurationSecondsHasThreeDigits(t *testing.T) {
	t.Parallel()
	for ms := range 20_000 {
		outputs := runOutputsOf(&engine.Result{Duration: time.Duration(ms)*time.Millisecond + 300*time.Microsecond})
		text := strconv.FormatFloat(outputs.DurationSeconds.ValueFloat64(), 'f', -1, 64)
		if _, digits, _ := strings.Cut(text, "."); len(digits) > 3 {
			t.Fatalf("%d ms are %s s", ms, text)
		}
	}
}
