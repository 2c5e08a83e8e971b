// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	cryptorand "crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// What a copy to S3 has written when it is killed is removed by the next apply, or named by it where that may not list the bucket.
func TestKilledCopyToS3(t *testing.T) {
	t.Parallel()
	const count = 100
	server, s3, account := dynamodblocal.Shared(t), s3local.New(t), cryptorand.Text()
	client := dynamodblocal.NewClient(server.URL, region, account)
	create(t, client, "from")
	fill(t, client, "from", count)
	bucket := s3.Bucket(t)
	w := newWorkspace(t, server.URL, account, fmt.Sprintf(`
variable "release" {
  default = "1"
}

resource "dynamoops_table_copy" "out" {
  source      = { table = "from" }
  destination = { s3 = { bucket = %q, prefix = "exports" } }
  method      = "scan"
  triggers    = { release = var.release }
}
`, bucket))
	killAt := func(object string, arguments ...string) (root string) {
		m := newMoment()
		s3.OnRequest(func(r *http.Request) *s3local.Refusal {
			if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, object) {
				m.come()
				return &s3local.Refusal{Status: http.StatusServiceUnavailable, Code: "SlowDown"} // A complete export would stay.
			}
			return nil
		})
		defer s3.OnRequest(nil)
		known := s3.Keys(t.Context(), t, bucket, "")
		w.applyAndKillIn(m, w.terraform(s3, append([]string{"apply", "-auto-approve"}, arguments...)...))
		for _, key := range s3.Keys(t.Context(), t, bucket, "") {
			if before, _, ok := strings.Cut(key, "/data/"); ok && !strings.Contains(strings.Join(known, " "), before) {
				root = before
			}
		}
		if root == "" {
			t.Fatalf("the kill at %s has left no data, so this proves nothing", object)
		}
		return root
	}
	apply := func(arguments ...string) (output string) {
		text, err := w.terraform(s3, append([]string{"apply", "-auto-approve"}, arguments...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return unwrapped(string(text))
	}
	others := func() (keys []string) {
		attributes := w.state()["dynamoops_table_copy.out"]
		expectNumber(t, attributes, "items_written", count)
		for _, key := range s3.Keys(t.Context(), t, bucket, "") {
			if !strings.HasPrefix(key, fmt.Sprint(attributes["destination_s3_prefix"], "/")) {
				keys = append(keys, key)
			}
		}
		return keys
	}

	for _, object := range []string{"/manifest-files.json", "/manifest-summary.json"} {
		killAt(object)
	}
	if output := apply(); strings.Contains(output, "Interrupted Copy") {
		t.Errorf("the apply says\n%s", output)
	}
	if keys := others(); len(keys) != 0 {
		t.Errorf("%q are left", keys)
	}

	release := "-var=release=2"
	root := killAt("/manifest-files.json", release)
	s3.OnRequest(func(r *http.Request) *s3local.Refusal {
		if r.URL.Query().Has("list-type") {
			return &s3local.Refusal{Status: http.StatusForbidden, Code: "AccessDenied"}
		}
		return nil
	})
	output := apply(release)
	s3.OnRequest(nil)
	if !strings.Contains(output, "Objects Of An Interrupted Copy Are Left") || !strings.Contains(output, "the objects below "+root) {
		t.Errorf("the apply does not name %s:\n%s", root, output)
	}
}
