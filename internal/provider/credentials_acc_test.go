// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// A plan warns of credentials that cannot be renewed and may end before the run.
func TestAccCredentials_thatCannotBeRenewed(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("copy", "id:S")
	bucket := s3local.New(t)
	bucket.MakeBucket(t, "dumps")
	a.s3 = bucket.URL
	given := a.provider()
	temporary := a.provider(`token = "t"`)
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	for name, test := range map[string]struct {
		provider, expiration, timeout string
		warns                         int // On the source and the destination of each copy, and the table of the purge.
	}{
		"lasting keys":           {given, "", "6h", 0},
		"no time is known":       {temporary, "", "6h", 5},
		"as short as a session":  {temporary, "", "15m", 0},
		"expire during the run":  {"", in(time.Hour), "6h", 5},
		"expire after the run":   {"", in(7 * time.Hour), "6h", 0},
		"expire during a minute": {"", in(10 * time.Second), "1m", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			if test.provider == "" {
				w.environment = append(w.environment, "AWS_ACCESS_KEY_ID="+a.accessKey, "AWS_SECRET_ACCESS_KEY="+a.secretKey, "AWS_SESSION_TOKEN=t",
					"AWS_CREDENTIAL_EXPIRATION="+test.expiration)
				for line := range strings.Lines(given) {
					if !strings.Contains(line, "_key ") {
						test.provider += line
					}
				}
			}
			w.write("main.tf", hcl(test.provider, `
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { table = "copy" }
  timeouts    = { create = "`+test.timeout+`" }
}
resource "dynamoops_table_copy" "dump" {
  source      = { table = "from" }
  destination = { s3 = { bucket = "dumps", prefix = "p" } }
  method      = "scan"
  timeouts    = { create = "`+test.timeout+`" }
}
resource "dynamoops_table_purge" "this" {
  table    = "from"
  timeouts = { create = "`+test.timeout+`" }
}`))
			// With -json each warning is a line of its own.
			output := w.must("plan", "-json")
			if got := strings.Count(output, `"summary":"Credentials Cannot Be Renewed"`); got != test.warns {
				t.Errorf("%d warnings, want %d:\n%s", got, test.warns, output)
			}
			if test.expiration != "" && test.warns > 0 && !strings.Contains(output, "They expire at "+test.expiration) {
				t.Errorf("no warning says that they expire at %s:\n%s", test.expiration, output)
			}
		})
	}
}
