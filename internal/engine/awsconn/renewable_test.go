// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn_test

import (
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
)

const temporaryFile = `
[profile temporary]
aws_access_key_id = KEYtemporary
aws_secret_access_key = s
aws_session_token = t

[profile lasting]
aws_access_key_id = KEYlasting
aws_secret_access_key = s

[profile chained]
role_arn = arn:aws:iam::111122223333:role/chained
source_profile = temporary

[profile chained-twice]
role_arn = arn:aws:iam::111122223333:role/chained
source_profile = chained

[profile chained-lasting]
role_arn = arn:aws:iam::111122223333:role/chained
source_profile = lasting

[profile chained-process]
role_arn = arn:aws:iam::111122223333:role/chained
source_profile = process

[profile process]
credential_process = echo '{"Version":1,` +
	`"AccessKeyId":"KEYprocess","SecretAccessKey":"s","SessionToken":"t","Expiration":"2999-01-01T00:00:00Z"}'`

func TestNonRenewable(t *testing.T) {
	t.Parallel()
	role := &awsconn.Role{ARN: arnOf("end")}
	for name, test := range map[string]struct {
		token string // Of the provider block's keys.
		roles []awsconn.Role
		conn  awsconn.Connection
		want  bool
	}{
		"lasting keys":           {want: false},
		"temporary keys":         {token: "t", want: true},
		"role of lasting keys":   {roles: []awsconn.Role{{ARN: arnOf("a")}}, want: false},
		"role of temporary keys": {token: "t", roles: []awsconn.Role{{ARN: arnOf("a")}}, want: true},

		"connection's role":              {token: "t", conn: awsconn.Connection{AssumeRole: role}, want: true},
		"connection's lasting profile":   {token: "t", conn: awsconn.Connection{Profile: "lasting"}, want: false},
		"connection's temporary profile": {conn: awsconn.Connection{Profile: "temporary"}, want: true},
		"Region alone changes nothing":   {token: "t", conn: awsconn.Connection{Region: "us-east-2"}, want: true},

		"role of a temporary profile": {conn: awsconn.Connection{Profile: "temporary", AssumeRole: role}, want: true},
		"role of a lasting profile": {
			token: "t", conn: awsconn.Connection{Profile: "lasting", AssumeRole: role}, want: false,
		},
		"profile of a process": {token: "t", conn: awsconn.Connection{Profile: "process"}, want: false},
		"role of a process's profile": {
			token: "t", conn: awsconn.Connection{Profile: "process", AssumeRole: role}, want: false,
		},

		"profile's role":               {conn: awsconn.Connection{Profile: "chained"}, want: true},
		"profile's role, twice":        {conn: awsconn.Connection{Profile: "chained-twice", AssumeRole: role}, want: true},
		"profile's role, lasting keys": {token: "t", conn: awsconn.Connection{Profile: "chained-lasting"}, want: false},
		"profile's role, of a process": {token: "t", conn: awsconn.Connection{Profile: "chained-process"}, want: false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := newFake(t).settings()
			settings.Token, settings.AssumeRole = test.token, test.roles
			settings.SharedConfigFiles = []string{writeFile(t, temporaryFile)}
			until, ends, err := mustConnect(t, settings).NonRenewable(t.Context(), test.conn)
			if err != nil || ends != test.want || !until.IsZero() {
				t.Errorf("NonRenewable = %v, %t, %v; want %t", until, ends, err, test.want)
			}
		})
	}
}

// The provider's own credentials may come from a profile's role, or from an identity provider, whose token is renewed
// if it is in a file.
func TestNonRenewable_provider(t *testing.T) {
	t.Parallel()
	token := writeFile(t, "token")
	for name, test := range map[string]struct {
		profile     string
		webIdentity *awsconn.WebIdentity
		conn        awsconn.Connection
		want        bool
	}{
		"profile's role":               {profile: "chained", want: true},
		"profile's role, lasting keys": {profile: "chained-lasting", want: false},
		"token":                        {webIdentity: &awsconn.WebIdentity{Token: "t"}, want: true},
		"token, connection's profile": {
			webIdentity: &awsconn.WebIdentity{Token: "t"}, conn: awsconn.Connection{Profile: "lasting"}, want: false,
		},
		"token in a file": {webIdentity: &awsconn.WebIdentity{TokenFile: token}, want: false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := newFake(t).settings()
			settings.AccessKey, settings.SecretKey = "", ""
			settings.Profile, settings.WebIdentity = test.profile, test.webIdentity
			if test.webIdentity != nil {
				test.webIdentity.ARN = arnOf("web")
			}
			settings.SharedConfigFiles = []string{writeFile(t, temporaryFile)}
			_, ends, err := mustConnect(t, settings).NonRenewable(t.Context(), test.conn)
			if err != nil || ends != test.want {
				t.Errorf("NonRenewable = %t, %v; want %t", ends, err, test.want)
			}
		})
	}
}

// This test sets environment variables, so it is not parallel.
func TestNonRenewable_environment(t *testing.T) {
	server := newFake(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "KEYenv")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	t.Setenv("AWS_SESSION_TOKEN", "t")
	settings := server.settings()
	settings.AccessKey, settings.SecretKey = "", ""
	for said, want := range map[string]time.Time{
		"":                          {},
		"soon":                      {},
		"2026-11-23T16:00:00+00:00": time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC),
	} {
		t.Setenv("AWS_CREDENTIAL_EXPIRATION", said)
		until, ends, err := mustConnect(t, settings).NonRenewable(t.Context(), awsconn.Connection{})
		if err != nil || !ends || !until.Equal(want) {
			t.Errorf("with %q: NonRenewable = %v, %t, %v; want %v", said, until, ends, err, want)
		}
	}
}
