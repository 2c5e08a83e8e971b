// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark_test

import (
	"os"
	"os/exec"
	"testing"
)

func TestDriver(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), "python3", "driver_test.py")
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
