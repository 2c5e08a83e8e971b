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

// The error of a request to an endpoint that nobody listens at shows nothing of it, and stays the error that it was.
func TestHiding(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{
		"http://127.0.0.1:1", "http://127.0.0.1:1/", "http://planted-user:planted-password@127.0.0.1:1/planted-path/", "http://planted.invalid:8000?planted-query=1",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, failure := http.DefaultTransport.RoundTrip(request)
		if failure == nil {
			t.Fatal(answer.Body.Close())
		}
		_, whole := http.DefaultClient.Do(request) //nolint:bodyclose // There is no answer.
		for _, err := range []error{failure, whole} {
			found := awserr.Hiding(err, endpoint)
			if text := found.Error(); strings.Contains(text, "planted") || strings.Contains(text, "127.0.0.1:1") || !strings.Contains(text, "dial tcp") {
				t.Errorf("%s: %s", endpoint, text)
			}
			if !errors.Is(found, err) {
				t.Errorf("%s: another error: %v", endpoint, found)
			}
		}
	}
	if err := errors.New("no such table"); awserr.Hiding(err, "http://127.0.0.1:1") != err || awserr.Hiding(err, "") != err || awserr.Hiding(nil, "http://x") != nil { //nolint:errorlint // The very same.
		t.Error("an error without the endpoint is changed")
	}
}
