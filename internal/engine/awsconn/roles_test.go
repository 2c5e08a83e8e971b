// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
)

func TestRoleChain(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	settings := server.settings()
	settings.AssumeRole = []awsconn.Role{{ARN: arnOf("first")}, {ARN: arnOf("second")}}
	connections := mustConnect(t, settings)
	wantTrail(t, server, "AssumeRole first by KEYbase, AssumeRole second by KEYfirst, GetCallerIdentity by KEYsecond")
	if got, err := connections.AccountOf(t.Context(), awsconn.Connection{}); err != nil || got != account {
		t.Errorf("AccountOf() = %q, %v, want %q", got, err, account)
	}

	list(t, connections, awsconn.Connection{})
	conn := awsconn.Connection{Region: "us-east-2", AssumeRole: &awsconn.Role{ARN: arnOf("end")}}
	list(t, connections, conn)
	list(t, connections, conn)
	wantTrail(t, server, "ListTables by KEYsecond, "+
		"AssumeRole end by KEYsecond, ListTables by KEYend, ListTables by KEYend")
}

// wantTrail checks the calls that the server has received since the last check.
func wantTrail(t *testing.T, server *fake, want string) {
	t.Helper()
	if got := server.trail(); got != want {
		t.Errorf("calls:\n got %s\nwant %s", got, want)
	}
}

func TestRoleArguments(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	settings := server.settings()
	settings.AssumeRole = []awsconn.Role{{
		ARN:               arnOf("first"),
		ExternalID:        "ext",
		SessionName:       "nightly",
		Duration:          time.Hour,
		Policy:            "{}",
		PolicyARNs:        []string{"arn:p"},
		SourceIdentity:    "alice",
		Tags:              map[string]string{"team": "data"},
		TransitiveTagKeys: []string{"team"},
	}}
	mustConnect(t, settings)
	calls := server.took()
	if len(calls) != 2 {
		t.Fatalf("got %d calls, want 2", len(calls))
	}
	for name, want := range map[string]string{
		"RoleArn":                    arnOf("first"),
		"ExternalId":                 "ext",
		"RoleSessionName":            "nightly",
		"DurationSeconds":            "3600",
		"Policy":                     "{}",
		"PolicyArns.member.1.arn":    "arn:p",
		"SourceIdentity":             "alice",
		"Tags.member.1.Key":          "team",
		"Tags.member.1.Value":        "data",
		"TransitiveTagKeys.member.1": "team",
	} {
		if got := calls[0].form.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(calls[1].userAgent, "terraform-provider-dynamoops/1.2.3") {
		t.Errorf("User-Agent = %q", calls[1].userAgent)
	}
	if calls[1].scope != "eu-west-1" {
		t.Errorf("STS was asked in %q", calls[1].scope)
	}
}

func TestWebIdentityThenRole(t *testing.T) {
	t.Parallel()
	for name, identity := range map[string]awsconn.WebIdentity{
		"token":      {Token: "the-token"},
		"token file": {TokenFile: writeFile(t, "the-token")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newFake(t)
			settings := server.settings()
			settings.AccessKey, settings.SecretKey = "", ""
			identity.Role = awsconn.Role{ARN: arnOf("web"), SessionName: "ci"}
			settings.WebIdentity = &identity
			settings.AssumeRole = []awsconn.Role{{ARN: arnOf("next")}}
			mustConnect(t, settings)
			calls := server.took()
			if len(calls) != 3 {
				t.Fatalf("got %d calls, want 3", len(calls))
			}
			if first := calls[0]; first.action != "AssumeRoleWithWebIdentity" || first.key != "" ||
				first.form.Get("WebIdentityToken") != "the-token" || first.form.Get("RoleSessionName") != "ci" {
				t.Errorf("first call: %+v", first)
			}
			if second := calls[1]; second.action != "AssumeRole" || second.key != "KEYweb" {
				t.Errorf("second call: %+v", second)
			}
		})
	}
}

const sharedFile = `
[profile prod]
aws_access_key_id = KEYprod
aws_secret_access_key = s
region = ap-south-1

[profile role]
role_arn = arn:aws:iam::111122223333:role/shared
source_profile = prod

[profile mfa]
role_arn = arn:aws:iam::111122223333:role/shared
source_profile = prod
mfa_serial = arn:aws:iam::111122223333:mfa/me
`

func TestConnectionProfile(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	settings := server.settings()
	settings.SharedConfigFiles = []string{writeFile(t, sharedFile)}
	settings.AssumeRole = []awsconn.Role{{ARN: arnOf("provider")}}
	// The provider's access key takes precedence over its profile, but not over a connection's profile.
	settings.Profile = "prod"
	connections := mustConnect(t, settings)
	wantTrail(t, server, "AssumeRole provider by KEYbase, GetCallerIdentity by KEYprovider")
	list(t, connections, awsconn.Connection{Profile: "prod"})
	if calls := server.took(); len(calls) != 1 || calls[0].key != "KEYprod" || calls[0].scope != "eu-west-1" {
		t.Errorf("profile: %+v", calls)
	}
	list(t, connections, awsconn.Connection{Profile: "prod", AssumeRole: &awsconn.Role{ARN: arnOf("end")}})
	wantTrail(t, server, "AssumeRole end by KEYprod, ListTables by KEYend")
	list(t, connections, awsconn.Connection{Profile: "role"})
	wantTrail(t, server, "AssumeRole shared by KEYprod, ListTables by KEYshared")
}

func TestProfileGivesRegionAndCredentials(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	settings := awsconn.Settings{
		Profile:           "prod",
		SharedConfigFiles: []string{writeFile(t, sharedFile)},
		Endpoints:         server.settings().Endpoints,
	}
	list(t, mustConnect(t, settings), awsconn.Connection{})
	calls := server.took()
	if len(calls) != 2 || calls[1].key != "KEYprod" || calls[1].scope != "ap-south-1" {
		t.Errorf("calls: %+v", calls)
	}
}

func TestConnectionProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		conn               awsconn.Connection
		refuse             string
		summary, attribute string
	}{
		"no such profile": {
			conn:    awsconn.Connection{Profile: "nobody"},
			summary: "Profile Not Found", attribute: "profile",
		},
		"MFA": {
			conn:    awsconn.Connection{Profile: "mfa"},
			summary: "Profile Asks For An MFA Code", attribute: "profile",
		},
		"profile's role refused": {
			conn:    awsconn.Connection{Profile: "role"},
			refuse:  "AccessDenied",
			summary: "No Credentials From The Profile", attribute: "profile",
		},
		"not a role": {
			conn:    awsconn.Connection{AssumeRole: &awsconn.Role{ARN: "arn:aws:iam::111122223333:user/me"}},
			summary: "Not A Role ARN", attribute: "assume_role.role_arn",
		},
		"role refused": {
			conn:    awsconn.Connection{AssumeRole: &awsconn.Role{ARN: arnOf("end")}},
			refuse:  "AccessDenied",
			summary: "Cannot Assume Role", attribute: "assume_role.role_arn",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newFake(t)
			settings := server.settings()
			settings.SharedConfigFiles = []string{writeFile(t, sharedFile)}
			connections := mustConnect(t, settings)
			server.refuse["AssumeRole"] = test.refuse
			_, err := connections.DynamoDB(t.Context(), test.conn)
			wantProblem(t, err, test.summary, test.attribute)
		})
	}
}

func TestEqualConnectionsShareCredentials(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	connections := mustConnect(t, server.settings())
	server.took()
	role := func() awsconn.Connection {
		return awsconn.Connection{
			AssumeRole: &awsconn.Role{ARN: arnOf("end"), Tags: map[string]string{"a": "1", "b": "2"}},
		}
	}
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			if _, err := connections.DynamoDB(t.Context(), role()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	wantTrail(t, server, "AssumeRole end by KEYbase")
	one, errOne := connections.DynamoDB(t.Context(), role())
	other, errOther := connections.DynamoDB(t.Context(), awsconn.Connection{Region: "us-east-1"})
	if errOne != nil || errOther != nil || one.Options().HTTPClient != other.Options().HTTPClient {
		t.Error("the ends do not share an HTTP client")
	}
}

// One end does not wait for the credentials of another.
func TestEndsDoNotWait(t *testing.T) {
	t.Parallel()
	fake := newFake(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err == nil && strings.HasSuffix(r.Form.Get("RoleArn"), "/slow") {
			close(asked)
			<-answer
		}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	settings := fake.settings()
	settings.Endpoints["sts"] = server.URL
	connections := mustConnect(t, settings)
	slow := make(chan error)
	go func() {
		conn := awsconn.Connection{AssumeRole: &awsconn.Role{ARN: arnOf("slow")}}
		_, err := connections.DynamoDB(context.Background(), conn)
		slow <- err
	}()
	<-asked
	list(t, connections, awsconn.Connection{AssumeRole: &awsconn.Role{ARN: arnOf("other")}})
	close(answer)
	if err := <-slow; err != nil {
		t.Error(err)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := awsconn.New(ctx, server.settings())
	wantProblem(t, err, "Connecting To AWS Was Interrupted", "")
}
