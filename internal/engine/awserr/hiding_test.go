// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awserr_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// The error of a request to an endpoint where no server listens reveals nothing of the endpoint, and keeps its
// identity.
func TestHiding(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{
		"http://127.0.0.1:1", "http://127.0.0.1:1/", "http://planted.invalid:8000?planted-query=1",
		"http://planted-user:planted-password@127.0.0.1:1/planted-path/",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, failure := http.DefaultTransport.RoundTrip(request)
		if failure == nil {
			t.Fatal(answer.Body.Close())
		}
		_, whole := http.DefaultClient.Do(request) //nolint:bodyclose // There is no response.
		for _, err := range []error{failure, whole} {
			found := awserr.Hiding(err, endpoint)
			text := found.Error()
			shown := strings.Contains(text, "planted") || strings.Contains(text, "127.0.0.1:1")
			if shown || !strings.Contains(text, "dial tcp") {
				t.Errorf("%s: %s", endpoint, text)
			}
			if !errors.Is(found, err) {
				t.Errorf("%s: another error: %v", endpoint, found)
			}
		}
	}
	for _, endpoint := range []string{"", "http://127.0.0.1:1"} {
		for _, err := range []error{nil, errors.New("no such table")} {
			if awserr.Hiding(err, endpoint) != err { //nolint:errorlint // It must be the same error.
				t.Errorf("%v, which does not contain the endpoint %q, is changed", err, endpoint)
			}
		}
	}
}
