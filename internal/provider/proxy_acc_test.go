// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// denied and unrecognized are what AWS answers to those who may not, and to those it does not know.
func denied() *faultproxy.Reply {
	return faultproxy.Error(http.StatusBadRequest, "AccessDeniedException", "User: arn:aws:iam::111122223333:user/tester is not authorized to do that")
}

func unrecognized() *faultproxy.Reply {
	return faultproxy.Error(http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid.")
}

// newProxy starts a proxy before the server that shows each request to onRequest, unless that is nil.
func newProxy(t *testing.T, target string, onRequest func(operation string) *faultproxy.Reply) *faultproxy.Proxy {
	t.Helper()
	p := faultproxy.New(target, faultproxy.Faults{})
	if onRequest != nil {
		p.OnRequest(func(operation string, _ []byte) *faultproxy.Reply { return onRequest(operation) })
	}
	t.Cleanup(p.Close)
	return p
}

// requests is how many requests have arrived, of all operations.
func requests(p *faultproxy.Proxy) int {
	sum := 0
	for _, count := range p.Requests() {
		sum += count
	}
	return sum
}
