// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package mavenjars

import (
	"strings"
	"testing"
)

func TestWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if err := download(t.Context(), nil, t.TempDir()); err == nil || !strings.Contains(err.Error(), "install Maven") {
		t.Errorf("without mvn: %v", err)
	}
}
