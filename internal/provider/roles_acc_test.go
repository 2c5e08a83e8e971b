// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// roleOf is the ARN of a role in the account.
func (a *account) roleOf() string {
	return "arn:aws:iam::" + controlplane.Account(a.accessKey) + ":role/migration"
}

// rolesOf is an STS that lets the accounts' roles be assumed by those who know the external id.
func rolesOf(t *testing.T, externalID string, accounts ...*account) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, a := range accounts {
			if r.FormValue("Action") == "AssumeRole" && r.FormValue("RoleArn") == a.roleOf() && r.FormValue("ExternalId") == externalID {
				_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
					`<SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, a.accessKey)
				return
			}
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform sts:AssumeRole</Message></Error></ErrorResponse>`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
