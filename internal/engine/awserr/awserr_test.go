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

// meaning is what this package says about an error.
type meaning struct {
	code                                                           string
	status                                                         int
	denied, credentials, refused, passes, throttled, lasting, open bool
}

func meaningOf(err error) meaning {
	return meaning{
		code:        awserr.Code(err),
		status:      awserr.Status(err),
		denied:      awserr.AccessDenied(err),
		credentials: awserr.CredentialsRefused(err),
		refused:     awserr.Refused(err),
		passes:      awserr.Passes(err),
		throttled:   awserr.Throttled(err),
		lasting:     awserr.Lasting(err),
		open:        awserr.Undecided(err),
	}
}

// answers starts a server that answers with that error.
func answers(status int, code string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"no"}`, code)
	}))
}

// What this package says about the errors of a real client, whether AWS answered or not.
func TestErrors(t *testing.T) {
	t.Parallel()
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	garbage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html>"))
	}))
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // It logs the failed handshake.
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
	for name, test := range map[string]struct {
		server      *httptest.Server
		ctx         context.Context
		credentials aws.CredentialsProvider
		transport   http.RoundTripper
		want        meaning
	}{
		"a bad request": {
			server: answers(400, "ValidationException"),
			want:   meaning{code: "ValidationException", status: 400, refused: true, lasting: true},
		},
		"a code without a type": {
			server: answers(400, "BrandNewException"),
			want:   meaning{code: "BrandNewException", status: 400, refused: true, lasting: true},
		},
		"no permission": {
			server: answers(400, "AccessDeniedException"),
			want:   meaning{code: "AccessDeniedException", status: 400, denied: true, refused: true, lasting: true},
		},
		"no permission, as in S3": {
			server: answers(403, "AccessDenied"),
			want:   meaning{code: "AccessDenied", status: 403, denied: true, refused: true, lasting: true},
		},
		"expired credentials": {
			server: answers(400, "ExpiredTokenException"),
			want:   meaning{code: "ExpiredTokenException", status: 400, credentials: true, refused: true, lasting: true},
		},
		"unknown credentials": {
			server: answers(400, "UnrecognizedClientException"),
			want:   meaning{code: "UnrecognizedClientException", status: 400, credentials: true, refused: true, lasting: true},
		},
		"too many requests": {
			server: answers(400, "ThrottlingException"),
			want:   meaning{code: "ThrottlingException", status: 400, refused: true, throttled: true, passes: true, open: true},
		},
		"too many units": {
			server: answers(400, "ProvisionedThroughputExceededException"),
			want: meaning{
				code: "ProvisionedThroughputExceededException", status: 400,
				refused: true, throttled: true, passes: true, open: true,
			},
		},
		"a failure": {
			server: answers(500, "InternalServerError"),
			want:   meaning{code: "InternalServerError", status: 500, passes: true, open: true},
		},
		"a failure without a type": {
			server: answers(503, "ServiceUnavailable"),
			want:   meaning{code: "ServiceUnavailable", status: 503, passes: true, open: true},
		},
		"no answer":          {server: cut, want: meaning{passes: true, open: true}},
		"no server":          {server: closed, want: meaning{passes: true, open: true}},
		"no answer from AWS": {server: garbage, want: meaning{status: 200, open: true}},
		"an unknown name":    {server: closed, transport: noName, want: meaning{open: true}},
		"a bad certificate":  {server: untrusted, want: meaning{open: true}},
		"no single sign-on":  {server: closed, credentials: noToken, want: meaning{open: true}},
		"cancelled":          {server: cut, ctx: cancelled, want: meaning{open: true}},
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
			if got := meaningOf(err); got != test.want {
				t.Errorf("got  %+v\nwant %+v\nof %v", got, test.want, err)
			}
		})
	}
}

// Nothing is said about errors that are not a client's, such as those that the engine finds itself.
func TestOtherErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("another table has the name now")} {
		if got := meaningOf(err); got != (meaning{}) {
			t.Errorf("%v has the meaning %+v", err, got)
		}
	}
}
