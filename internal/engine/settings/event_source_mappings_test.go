// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// Filter criteria that the caller may not decrypt are not taken for missing: the new mapping would let every record
// pass.
func TestFilterCriteriaCannotBeDecrypted(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	const mapping = `{"UUID":"one",` +
		`"EventSourceMappingArn":"arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:one",` +
		`"KMSKeyArn":"arn:aws:kms:eu-west-1:123456789012:key/a"`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/one") {
			const failed = `,"FilterCriteriaError":{"ErrorCode":"KMSAccessDeniedException","Message":"not authorized"}}`
			_, _ = fmt.Fprint(w, mapping+failed)
			return
		}
		_, _ = fmt.Fprint(w, `{"EventSourceMappings":[`+mapping+`}]}`)
	}))
	t.Cleanup(server.Close)
	clients := s.Clients
	clients.Lambda = clientsAt(server.URL, s.accessKey, server.URL).Lambda
	_, err := settings.Read(t.Context(), clients, "orders")
	if err == nil ||
		!strings.Contains(err.Error(), "event source mapping one cannot be decrypted: KMSAccessDeniedException") {
		t.Errorf("the error is %v", err)
	}
}
