// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

const (
	account = "111122223333"
	secret  = "planted-secret-key"
)

// TestMain removes the AWS settings of the environment in which the tests run.
func TestMain(m *testing.M) {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasSuffix(strings.ToUpper(name), "_PROXY") {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// call is one request that a fake server received.
type call struct {
	action, host, userAgent string
	// key is the access key that signed the request, scope the Region that it was signed for.
	key, scope string
	form       url.Values
}

// fake speaks STS's query protocol and enough of DynamoDB's. The access key of a role is KEY and the role's name.
type fake struct {
	*httptest.Server
	// refuse maps an action to the error code of its answer. The status is 500 for InternalFailure, otherwise 403.
	refuse map[string]string

	mu    sync.Mutex
	calls []call
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{refuse: map[string]string{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

var credential = regexp.MustCompile(`Credential=([^/]+)/[0-9]+/([^/]+)/`)

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c := call{action: r.Form.Get("Action"), host: r.Host, userAgent: r.UserAgent(), form: r.Form}
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		c.action = operation
	}
	if signed := credential.FindStringSubmatch(r.Header.Get("Authorization")); signed != nil {
		c.key, c.scope = signed[1], signed[2]
	}
	f.mu.Lock()
	f.calls = append(f.calls, c)
	f.mu.Unlock()
	if code := f.refuse[c.action]; code != "" {
		status := http.StatusForbidden
		if code == "InternalFailure" {
			status = http.StatusInternalServerError
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>refused</Message></Error>`+
			`</ErrorResponse>`, code)
		return
	}
	switch c.action {
	case "GetCallerIdentity":
		_, _ = fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>%s</Account>`+
			`</GetCallerIdentityResult></GetCallerIdentityResponse>`, account)
	case "AssumeRole", "AssumeRoleWithWebIdentity":
		_, role, _ := strings.Cut(c.form.Get("RoleArn"), "role/")
		_, _ = fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult><Credentials><AccessKeyId>KEY%[2]s</AccessKeyId>`+
			`<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>`+
			`<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></%[1]sResult></%[1]sResponse>`, c.action, role)
	default:
		_, _ = fmt.Fprint(w, `{"TableNames":[]}`)
	}
}

// took returns the calls so far, and clears them.
func (f *fake) took() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

// trail is the calls in short: action, role and signer.
func (f *fake) trail() string {
	var short []string
	for _, c := range f.took() {
		text := c.action
		if _, role, ok := strings.Cut(c.form.Get("RoleArn"), "role/"); ok {
			text += " " + role
		}
		if c.key != "" {
			text += " by " + c.key
		}
		short = append(short, text)
	}
	return strings.Join(short, ", ")
}

// settings connect to the fake with static credentials.
func (f *fake) settings() awsconn.Settings {
	return awsconn.Settings{
		Region: "eu-west-1", AccessKey: "KEYbase", SecretKey: secret, UserAgent: "terraform-provider-dynamoops/1.2.3",
		Endpoints: map[string]string{"sts": f.URL, "dynamodb": f.URL},
	}
}

func arnOf(role string) string { return "arn:aws:iam::" + account + ":role/" + role }

func mustConnect(t *testing.T, settings awsconn.Settings) *awsconn.Connections {
	t.Helper()
	connections, err := awsconn.New(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	return connections
}

// list sends a ListTables request through the connection.
func list(t *testing.T, connections *awsconn.Connections, conn awsconn.Connection) {
	t.Helper()
	client, err := connections.DynamoDB(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
		t.Fatal(err)
	}
}

// wantProblem checks which problem an error is, that it says what to do, and that it does not reveal the secret key.
func wantProblem(t *testing.T, err error, summary, attribute string) {
	t.Helper()
	var p *problem.Problem
	if !errors.As(err, &p) {
		t.Fatalf("got %v, want the problem %q", err, summary)
	}
	if p.Summary != summary || p.Attribute != attribute {
		t.Errorf("got %q on %q, want %q on %q\n%s", p.Summary, p.Attribute, summary, attribute, p.Detail())
	}
	if p.Cause == "" || p.Next == "" {
		t.Errorf("%q lacks its cause or what to do next", p.Summary)
	}
	if strings.Contains(p.Error()+p.Detail(), secret) {
		t.Errorf("%q reveals the secret key", p.Summary)
	}
}

// writeFile makes a file and returns its name.
func writeFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
