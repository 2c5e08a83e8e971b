// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn_test

import (
	"encoding/pem"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
)

func TestSettingsProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change             func(*awsconn.Settings)
		summary, attribute string
		trail              string
	}{
		"key without secret": {
			change:  func(s *awsconn.Settings) { s.SecretKey = "" },
			summary: "Incomplete Credentials", attribute: "access_key",
		},
		"token alone": {
			change:  func(s *awsconn.Settings) { s.AccessKey, s.SecretKey, s.Token = "", "", "t" },
			summary: "Incomplete Credentials", attribute: "access_key",
		},
		"no credentials": {
			change:  func(s *awsconn.Settings) { s.AccessKey, s.SecretKey = "", "" },
			summary: "No AWS Credentials", attribute: "",
		},
		"no region": {
			change:  func(s *awsconn.Settings) { s.Region = "" },
			summary: "Region Missing", attribute: "region",
		},
		"no such profile": {
			change:  func(s *awsconn.Settings) { s.Profile = "nobody" },
			summary: "Profile Not Found", attribute: "profile",
		},
		"unknown retry mode": {
			change:  func(s *awsconn.Settings) { s.RetryMode = "eager" },
			summary: "Unknown Retry Mode", attribute: "retry_mode",
		},
		"proxy": {
			change:  func(s *awsconn.Settings) { s.HTTPSProxy = aws.String("http://user:" + secret + "@bad host") },
			summary: "Invalid Proxy URL", attribute: "https_proxy",
		},
		"no CA bundle": {
			change:  func(s *awsconn.Settings) { s.CustomCABundle = "nowhere.pem" },
			summary: "Unusable CA Bundle", attribute: "custom_ca_bundle",
		},
		"not a role": {
			change:  func(s *awsconn.Settings) { s.AssumeRole = []awsconn.Role{{ARN: arnOf("a")}, {ARN: "admin"}} },
			summary: "Not A Role ARN", attribute: "assume_role.1.role_arn",
		},
		"no web identity token": {
			change: func(s *awsconn.Settings) {
				s.AccessKey, s.SecretKey = "", ""
				s.WebIdentity = &awsconn.WebIdentity{Role: awsconn.Role{ARN: arnOf("a")}}
			},
			summary: "Web Identity Token Missing Or Given Twice", attribute: "assume_role_with_web_identity",
		},
		"no web identity token file": {
			change: func(s *awsconn.Settings) {
				s.AccessKey, s.SecretKey = "", ""
				s.WebIdentity = &awsconn.WebIdentity{Role: awsconn.Role{ARN: arnOf("a")}, TokenFile: "nowhere"}
			},
			summary: "Web Identity Token Cannot Be Read", attribute: "assume_role_with_web_identity.0.web_identity_token_file",
		},
		"key and web identity": {
			change: func(s *awsconn.Settings) {
				s.WebIdentity = &awsconn.WebIdentity{Role: awsconn.Role{ARN: arnOf("a")}, Token: "t"}
			},
			summary: "Two Sources Of Credentials", attribute: "assume_role_with_web_identity",
		},
		"both lists": {
			change: func(s *awsconn.Settings) {
				s.AllowedAccountIDs, s.ForbiddenAccountIDs = []string{account}, []string{"444455556666"}
			},
			summary: "Conflicting Account Lists", attribute: "forbidden_account_ids",
		},
		"account not asked for": {
			change: func(s *awsconn.Settings) {
				s.ForbiddenAccountIDs = []string{"444455556666"}
				s.SkipCredentialsValidation, s.SkipRequestingAccountID = true, true
			},
			summary: "Account Unknown", attribute: "skip_requesting_account_id",
		},
		"not allowed": {
			change:  func(s *awsconn.Settings) { s.AllowedAccountIDs = []string{"444455556666"} },
			summary: "Account Not Allowed", attribute: "allowed_account_ids", trail: "GetCallerIdentity by KEYbase",
		},
		"forbidden": {
			change:  func(s *awsconn.Settings) { s.ForbiddenAccountIDs = []string{"444455556666", account} },
			summary: "Account Not Allowed", attribute: "forbidden_account_ids", trail: "GetCallerIdentity by KEYbase",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newFake(t)
			settings := server.settings()
			test.change(&settings)
			_, err := awsconn.New(t.Context(), settings)
			wantProblem(t, err, test.summary, test.attribute)
			if got := server.trail(); got != test.trail {
				t.Errorf("STS was asked %q, want %q", got, test.trail)
			}
		})
	}
}

func TestAccountID(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*awsconn.Settings)
		want   string
	}{
		"asked":           {change: func(*awsconn.Settings) {}, want: account},
		"skip validation": {change: func(s *awsconn.Settings) { s.SkipCredentialsValidation = true }, want: account},
		"skip requesting": {change: func(s *awsconn.Settings) { s.SkipRequestingAccountID = true }, want: account},
		"skip both": {
			change: func(s *awsconn.Settings) { s.SkipCredentialsValidation, s.SkipRequestingAccountID = true, true },
			want:   "",
		},
		"allowed": {
			change: func(s *awsconn.Settings) { s.AllowedAccountIDs = []string{"444455556666", account} },
			want:   account,
		},
		"not among the forbidden": {
			change: func(s *awsconn.Settings) { s.ForbiddenAccountIDs = []string{"444455556666"} },
			want:   account,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newFake(t)
			settings := server.settings()
			test.change(&settings)
			connections := mustConnect(t, settings)
			if got, err := connections.AccountOf(t.Context(), awsconn.Connection{}); err != nil || got != test.want {
				t.Errorf("AccountOf() = %q, %v, want %q", got, err, test.want)
			}
			if asked := len(server.took()) == 1; asked != (test.want != "") {
				t.Errorf("asked STS: %v", asked)
			}
		})
	}
}

func TestRefusedByAWS(t *testing.T) {
	t.Parallel()
	role := []awsconn.Role{{ARN: arnOf("a")}}
	for name, test := range map[string]struct {
		action, code       string
		roles              []awsconn.Role
		summary, attribute string
		attempts           int
	}{
		"bad key": {
			action: "GetCallerIdentity", code: "InvalidClientTokenId",
			summary: "AWS Credentials Refused", attribute: "access_key", attempts: 1,
		},
		"bad secret": {
			action: "GetCallerIdentity", code: "SignatureDoesNotMatch",
			summary: "AWS Credentials Refused", attribute: "access_key", attempts: 1,
		},
		"STS down": {
			action: "GetCallerIdentity", code: "InternalFailure",
			summary: "AWS Credentials Cannot Be Checked", attribute: "", attempts: 3,
		},
		"role denied": {
			action: "AssumeRole", code: "AccessDenied", roles: role,
			summary: "Cannot Assume Role", attribute: "assume_role.0.role_arn", attempts: 1,
		},
		"role, bad key": {
			action: "AssumeRole", code: "InvalidClientTokenId", roles: role,
			summary: "Cannot Assume Role", attribute: "assume_role.0.role_arn", attempts: 1,
		},
		"role duration": {
			action: "AssumeRole", code: "ValidationError", roles: role,
			summary: "Cannot Assume Role", attribute: "assume_role.0.role_arn", attempts: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newFake(t)
			server.refuse[test.action] = test.code
			settings := server.settings()
			settings.MaxRetries = aws.Int(25) // Of other calls.
			settings.AssumeRole = test.roles
			_, err := awsconn.New(t.Context(), settings)
			wantProblem(t, err, test.summary, test.attribute)
			if got := len(server.took()); got != test.attempts {
				t.Errorf("%d attempts, want %d", got, test.attempts)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := newFake(t)
	server.Close()
	_, err := awsconn.New(t.Context(), server.settings())
	wantProblem(t, err, "AWS Credentials Cannot Be Checked", "")
	settings := server.settings()
	settings.AssumeRole = []awsconn.Role{{ARN: arnOf("a")}}
	_, err = awsconn.New(t.Context(), settings)
	wantProblem(t, err, "Cannot Assume Role", "assume_role.0.role_arn")
}

func TestRetryer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		retries  *int
		mode     string
		attempts int
	}{
		"default":      {retries: nil, mode: "", attempts: 6},
		"none":         {retries: aws.Int(0), mode: "standard", attempts: 1},
		"adaptive":     {retries: aws.Int(25), mode: "adaptive", attempts: 26},
		"retries only": {retries: aws.Int(2), mode: "", attempts: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := newFake(t).settings()
			settings.MaxRetries, settings.RetryMode = test.retries, test.mode
			connections := mustConnect(t, settings)
			client, err := connections.DynamoDB(t.Context(), awsconn.Connection{})
			if err != nil {
				t.Fatal(err)
			}
			retryer := client.Options().Retryer
			if got := retryer.MaxAttempts(); got != test.attempts {
				t.Errorf("MaxAttempts() = %d, want %d", got, test.attempts)
			}
			// The SDK's own token bucket is empty after a hundred retries.
			for n := range 1000 {
				if _, err := retryer.GetRetryToken(t.Context(), &retry.MaxAttemptsError{}); err != nil {
					t.Fatalf("retry %d was refused: %v", n, err)
				}
			}
			cfg, err := connections.Config(t.Context(), awsconn.Connection{})
			if err != nil {
				t.Fatal(err)
			}
			if _, adaptive := cfg.Retryer().(*retry.AdaptiveMode); adaptive != (test.mode == "adaptive") {
				t.Errorf("the retryer is a %T", cfg.Retryer())
			}
		})
	}
}

func TestConfigRegion(t *testing.T) {
	t.Parallel()
	connections := mustConnect(t, newFake(t).settings())
	for region, want := range map[string]string{"": "eu-west-1", "us-east-2": "us-east-2"} {
		cfg, err := connections.Config(t.Context(), awsconn.Connection{Region: region})
		if err != nil {
			t.Fatal(err)
		}
		if cfg.Region != want {
			t.Errorf("Region of %q = %q, want %q", region, cfg.Region, want)
		}
	}
}

// The tests below set environment variables, so they are not parallel.

func TestEnvironment(t *testing.T) {
	server := newFake(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "KEYenv")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	t.Setenv("AWS_REGION", "sa-east-1")
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_MAX_ATTEMPTS", "9")
	connections := mustConnect(t, awsconn.Settings{})
	list(t, connections, awsconn.Connection{})
	calls := server.took()
	if len(calls) != 2 || calls[0].key != "KEYenv" || calls[1].scope != "sa-east-1" {
		t.Fatalf("calls: %+v", calls)
	}
	client, err := connections.DynamoDB(t.Context(), awsconn.Connection{})
	if err != nil {
		t.Fatal(err)
	}
	if got := client.Options().Retryer.MaxAttempts(); got != 9 {
		t.Errorf("MaxAttempts() = %d, want 9, as in the environment", got)
	}
}

func TestEndpointsInOrder(t *testing.T) {
	sts, all, service, provider, end := newFake(t), newFake(t), newFake(t), newFake(t), newFake(t)
	settings := sts.settings()
	delete(settings.Endpoints, "dynamodb")
	check := func(name string, want *fake, conn awsconn.Connection) {
		t.Helper()
		list(t, mustConnect(t, settings), conn)
		if got := want.trail(); got != "ListTables by KEYbase" {
			t.Errorf("%s: it got %q", name, got)
		}
	}
	t.Setenv("AWS_ENDPOINT_URL", all.URL)
	check("AWS_ENDPOINT_URL", all, awsconn.Connection{})
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", service.URL)
	check("AWS_ENDPOINT_URL_DYNAMODB", service, awsconn.Connection{})
	// Neither of these overrides an explicit endpoint.
	settings.UseDualStackEndpoint, settings.UseFIPSEndpoint = true, true
	settings.Endpoints["dynamodb"] = provider.URL
	check("endpoints", provider, awsconn.Connection{})
	check("connection", end, awsconn.Connection{Endpoint: end.URL})
}

func TestProfileOfEnvironmentMissing(t *testing.T) {
	t.Setenv("AWS_PROFILE", "nobody")
	_, err := awsconn.New(t.Context(), newFake(t).settings())
	wantProblem(t, err, "Profile Not Found", "profile")
}

func TestCertificates(t *testing.T) {
	plain := newFake(t)
	server := httptest.NewTLSServer(plain)
	t.Cleanup(server.Close)
	bundle := writeFile(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	settings := plain.settings()
	settings.Endpoints = map[string]string{"sts": server.URL, "dynamodb": server.URL}

	_, err := awsconn.New(t.Context(), settings)
	wantProblem(t, err, "AWS Credentials Cannot Be Checked", "")

	insecure, custom := settings, settings
	insecure.Insecure = true
	custom.CustomCABundle = bundle
	for _, s := range []awsconn.Settings{insecure, custom} {
		list(t, mustConnect(t, s), awsconn.Connection{})
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	list(t, mustConnect(t, settings), awsconn.Connection{})
}

func TestProxies(t *testing.T) {
	proxy := newFake(t)
	settings := proxy.settings()
	settings.Endpoints = map[string]string{"sts": "http://sts.invalid", "dynamodb": "http://dynamodb.invalid"}
	through := func(s awsconn.Settings) error {
		t.Helper()
		proxy.took()
		connections := mustConnect(t, s)
		client, err := connections.DynamoDB(t.Context(), awsconn.Connection{})
		if err != nil {
			return err
		}
		once := func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }
		_, err = client.ListTables(t.Context(), &dynamodb.ListTablesInput{}, once)
		return err
	}
	settings.HTTPProxy = aws.String(proxy.URL)
	if err := through(settings); err != nil {
		t.Errorf("http_proxy: %v", err)
	}
	if calls := proxy.took(); len(calls) != 2 || calls[1].host != "dynamodb.invalid" {
		t.Errorf("http_proxy: %+v", calls)
	}
	settings.NoProxy = "dynamodb.invalid"
	if err := through(settings); err == nil {
		t.Error("no_proxy has no effect")
	}
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	settings.NoProxy = ""
	if err := through(settings); err != nil {
		t.Errorf("http_proxy over the environment: %v", err)
	}
}
