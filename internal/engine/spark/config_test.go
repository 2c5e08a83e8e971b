// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark_test

import (
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

// As many tasks as possible run at once, and never more than allowed.
func TestAtMost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ executors, cpu, most, want int }{
		{4, 2, 0, 8}, {4, 2, 8, 8}, {4, 2, 100, 8}, {4, 2, 5, 4}, {4, 2, 1, 1}, {1, 16, 5, 4}, {3, 3, 2, 2},
	} {
		config := spark.Config{Executors: test.executors, ExecutorCPU: test.cpu}.AtMost(test.most)
		if got := config.Tasks(); got != test.want {
			t.Errorf("%+v: %d tasks run at once: %+v", test, got, config)
		}
	}
}
