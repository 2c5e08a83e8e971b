// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awserr_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// What a real client makes of answers, and of what keeps it from getting one.
func TestErrors(t *testing.T) {
	t.Parallel()
	answers := func(status int, code string) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"no"}`, code)
		}))
	}
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	garbage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // It says that it was not trusted.
	untrusted.StartTLS()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	noToken := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, &ssocreds.InvalidTokenError{Err: errors.New("the session has expired")}
	})
	noName := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	}}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	type meaning struct {
		code                                                           string
		status                                                         int
		denied, credentials, refused, passes, throttled, lasting, open bool
	}
	for name, test := range map[string]struct {
		server      *httptest.Server
		ctx         context.Context
		credentials aws.CredentialsProvider
		transport   http.RoundTripper
		want        meaning
	}{
		"a bad request":           {server: answers(400, "ValidationException"), want: meaning{code: "ValidationException", status: 400, refused: true, lasting: true}},
		"a code without a type":   {server: answers(400, "BrandNewException"), want: meaning{code: "BrandNewException", status: 400, refused: true, lasting: true}},
		"no permission":           {server: answers(400, "AccessDeniedException"), want: meaning{code: "AccessDeniedException", status: 400, denied: true, refused: true, lasting: true}},
		"no permission, as in S3": {server: answers(403, "AccessDenied"), want: meaning{code: "AccessDenied", status: 403, denied: true, refused: true, lasting: true}},
		"expired credentials":     {server: answers(400, "ExpiredTokenException"), want: meaning{code: "ExpiredTokenException", status: 400, credentials: true, refused: true, lasting: true}},
		"unknown credentials":     {server: answers(400, "UnrecognizedClientException"), want: meaning{code: "UnrecognizedClientException", status: 400, credentials: true, refused: true, lasting: true}},
		"too many requests":       {server: answers(400, "ThrottlingException"), want: meaning{code: "ThrottlingException", status: 400, refused: true, throttled: true, passes: true, open: true}},
		"too many units": {
			server: answers(400, "ProvisionedThroughputExceededException"),
			want:   meaning{code: "ProvisionedThroughputExceededException", status: 400, refused: true, throttled: true, passes: true, open: true},
		},
		"a failure":                {server: answers(500, "InternalServerError"), want: meaning{code: "InternalServerError", status: 500, passes: true, open: true}},
		"a failure without a type": {server: answers(503, "ServiceUnavailable"), want: meaning{code: "ServiceUnavailable", status: 503, passes: true, open: true}},
		"no answer":                {server: cut, want: meaning{passes: true, open: true}},
		"nobody there":             {server: closed, want: meaning{passes: true, open: true}},
		"no answer of AWS":         {server: garbage, want: meaning{status: 200, open: true}},
		"a name that nobody knows": {server: closed, transport: noName, want: meaning{open: true}},
		"a bad certificate":        {server: untrusted, want: meaning{open: true}},
		"no single sign-on":        {server: closed, credentials: noToken, want: meaning{open: true}},
		"cancelled":                {server: cut, ctx: cancelled, want: meaning{open: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(test.server.Close)
			options := dynamodb.Options{
				Region: "eu-west-1", BaseEndpoint: &test.server.URL, Retryer: aws.NopRetryer{},
				Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
			}
			if test.credentials != nil {
				options.Credentials = test.credentials
			}
			if test.transport != nil {
				options.HTTPClient = &http.Client{Transport: test.transport}
			}
			ctx := t.Context()
			if test.ctx != nil {
				ctx = test.ctx
			}
			_, err := dynamodb.New(options).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
			got := meaning{
				awserr.Code(err), awserr.Status(err), awserr.AccessDenied(err), awserr.CredentialsRefused(err), awserr.Refused(err),
				awserr.Passes(err), awserr.Throttled(err), awserr.Lasting(err), awserr.Undecided(err),
			}
			if got != test.want {
				t.Errorf("got  %+v\nwant %+v\nof %v", got, test.want, err)
			}
		})
	}
}

// Nothing is said of what is no error of a client, such as one that the engine has found itself.
func TestOtherErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("another table has the name now")} {
		if awserr.Code(err) != "" || awserr.Status(err) != 0 || awserr.Refused(err) || awserr.Passes(err) || awserr.Lasting(err) || awserr.Undecided(err) {
			t.Errorf("something is said of %v", err)
		}
	}
}
