// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// A run that is complete without some of the items says so.
func TestItemsSetAsideAreReported(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for content, want := range map[string]string{
		`{"id": "1"}` + "\n" + `{"id": "2", "name": "n"}` + "\n" + `{"id": "3"}`: "2 Of 3 Items Were Set Aside",
		`{"id": "1", "name": "n"}`: "",
	} {
		source := filepath.Join(folder, "source")
		if err := os.WriteFile(source, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		result, err := newEngine(nil, t.TempDir()).Copy(t.Context(), job.Copy{
			Source: job.Source{File: source}, Destination: job.Destination{File: filepath.Join(folder, "destination")},
			Transform: []transform.Step{{Set: map[string]string{"greeting": "'hello ' + item.name"}}}, SkipRefused: true,
		}, engine.Observer{})
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, remark := range result.Warnings {
			said += remark.Summary
			if detail := remark.Detail(); !remark.Warning || !strings.Contains(detail, result.DeadLetterPath) {
				t.Errorf("%v: %s", remark.Warning, detail)
			}
		}
		if said != want {
			t.Errorf("the run says %q, want %q", said, want)
		}
	}
}
