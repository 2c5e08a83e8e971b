// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"bytes"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// A recreated table has its policy from the beginning. If AWS refuses the policy, as it does when a principal does
// not exist any more, the table is created without it, and gets it with the other settings.
func TestPolicyIsPartOfTheNewTable(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]bool{"taken": false, "refused": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFullSite(t)
			was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
			with, puts := 0, 0
			s.OnRequest(func(call controlplane.Call, body []byte) error {
				switch {
				case call.Operation == "CreateTable" && bytes.Contains(body, []byte(`"ResourcePolicy"`)):
					if with++; refused {
						return &smithy.GenericAPIError{Code: "ValidationException", Message: "Invalid principal"}
					}
				case call.Operation == "PutResourcePolicy" && !bytes.Contains(body, []byte("/stream/")):
					puts++
				}
				return nil
			})
			if _, err := s.recreate(t, t.TempDir(), before); err != nil {
				t.Fatal(err)
			}
			if with != 2 || (puts == 1) != refused { // The first request only proves that the table can be created.
				t.Errorf("%d requests for the table had the policy, which was put %d times", with, puts)
			}
			s.account.Settle(t, "orders")
			sameLines(t, was, s.account.Everything(t, "orders"))
		})
	}
}
