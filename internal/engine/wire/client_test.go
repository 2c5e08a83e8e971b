// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package wire_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// script answers the n-th request with the n-th handler, and all later ones with the last. It simulates what no
// local server does: throttles, wrong checksums, clocks that are off.
type script struct {
	mu       sync.Mutex
	handlers []http.HandlerFunc
	requests []*http.Request
	bodies   []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	handler := s.handlers[min(len(s.requests), len(s.handlers)-1)]
	s.requests = append(s.requests, r)
	s.bodies = append(s.bodies, string(body))
	s.mu.Unlock()
	handler(w, r)
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(body))))
		w.Header().Set("X-Amzn-Requestid", "REQUEST-ID")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func fault(status int, code string) http.HandlerFunc {
	return answer(status, `{"__type":"com.amazonaws.dynamodb.v20120810#`+code+`","message":"said so"}`)
}

func hangUp(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = connection.Close()
	}
}

var fine = answer(http.StatusOK, `{"Count":0}`)

// serve starts a server with the script, and returns a client of this package and one of the SDK's for it.
func serve(t *testing.T, handlers ...http.HandlerFunc) (*script, *wire.Client, *dynamodb.Client) {
	t.Helper()
	s := &script{handlers: handlers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	sdk := dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL),
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", "TOKEN"),
	})
	client, err := wire.New(t.Context(), sdk, "orders", "dynamoops-test")
	if err != nil {
		t.Fatal(err)
	}
	return s, client, sdk
}

// The SDK's client and this package's send the same request.
func TestSameRequestAsTheSDK(t *testing.T) {
	t.Parallel()
	s, client, sdk := serve(t, fine)
	input := &dynamodb.ScanInput{
		TableName: aws.String("orders"), FilterExpression: aws.String("#s = :open"), Limit: aws.Int32(7),
		ExpressionAttributeNames:  map[string]string{"#s": "status"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":open": &types.AttributeValueMemberS{Value: "OPEN"}},
	}
	if _, err := sdk.Scan(t.Context(), input); err != nil {
		t.Fatal(err)
	}
	body, err := client.Encode(t.Context(), wire.Scan, input)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Do(t.Context(), wire.Scan, body, &wire.Reply{}); err != nil {
		t.Fatal(err)
	}
	theirs, ours := s.requests[0], s.requests[1]
	if s.bodies[0] != s.bodies[1] {
		t.Errorf("the bodies differ:\n%s\n%s", s.bodies[0], s.bodies[1])
	}
	if theirs.Method != ours.Method || theirs.URL.String() != ours.URL.String() || theirs.Host != ours.Host {
		t.Errorf("%s %s at %s, want %s %s at %s", ours.Method, ours.URL, ours.Host, theirs.Method, theirs.URL, theirs.Host)
	}
	for _, header := range []string{
		"X-Amz-Target", "Content-Type", "X-Amz-Security-Token", "Content-Length", "Accept-Encoding",
	} {
		if theirs.Header.Get(header) != ours.Header.Get(header) {
			t.Errorf("%s is %q, want %q", header, ours.Header.Get(header), theirs.Header.Get(header))
		}
	}
	scope := func(r *http.Request) string {
		credential, _, _ := strings.Cut(r.Header.Get("Authorization"), ",")
		return credential
	}
	if scope(theirs) != scope(ours) || !strings.HasSuffix(scope(ours), "/eu-west-1/dynamodb/aws4_request") {
		t.Errorf("signed for %s, want %s", scope(ours), scope(theirs))
	}
	if ours.Header.Get("User-Agent") != "dynamoops-test" {
		t.Errorf("User-Agent is %q", ours.Header.Get("User-Agent"))
	}
}

// After a temporary failure the request is sent again. The reply tells whether an attempt may have been carried
// out.
func TestDoSendsAgain(t *testing.T) {
	t.Parallel()
	wrongSum := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Crc32", "1")
		_, _ = io.WriteString(w, `{"Count":1}`)
	}
	cutShort := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"Count":`)
	}
	for name, test := range map[string]struct {
		first     http.HandlerFunc
		throttled int64
		uncertain bool
	}{
		"throttled table":     {first: fault(400, "ProvisionedThroughputExceededException"), throttled: 1},
		"throttled account":   {first: fault(400, "ThrottlingException"), throttled: 1},
		"transaction":         {first: fault(400, "TransactionConflictException")},
		"other Region":        {first: fault(400, "ReplicatedWriteConflictException")},
		"server error":        {first: fault(500, "InternalServerError"), uncertain: true},
		"unavailable":         {first: answer(503, ``), uncertain: true},
		"connection lost":     {first: hangUp, uncertain: true},
		"wrong checksum":      {first: wrongSum, uncertain: true},
		"answer is cut short": {first: cutShort, uncertain: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, client, _ := serve(t, test.first, test.first, fine)
			var reply wire.Reply
			if err := client.Do(t.Context(), wire.Scan, []byte(`{}`), &reply); err != nil {
				t.Fatal(err)
			}
			if string(reply.Body) != `{"Count":0}` || len(s.requests) != 3 {
				t.Errorf("the answer is %s after %d requests", reply.Body, len(s.requests))
			}
			if reply.Uncertain != test.uncertain || client.Throttled() != 2*test.throttled {
				t.Errorf("uncertain %t, %d throttled; want %t, %d",
					reply.Uncertain, client.Throttled(), test.uncertain, 2*test.throttled)
			}
		})
	}
}

// A connection that dies silently delays a request only as long as the HTTP client's timeout allows.
func TestSilentConnection(t *testing.T) {
	t.Parallel()
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	s, _, sdk := serve(t, silent, fine)
	client, err := wire.New(t.Context(), dynamodb.New(sdk.Options(), func(o *dynamodb.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithReadTimeout(300 * time.Millisecond).Freeze()
	}), "orders", "dynamoops-test")
	if err != nil {
		t.Fatal(err)
	}
	var reply wire.Reply
	if err := client.Do(t.Context(), wire.Scan, []byte(`{}`), &reply); err != nil {
		t.Fatal(err)
	}
	if !reply.Uncertain || len(s.requests) < 2 {
		t.Errorf("%d requests, uncertain %t", len(s.requests), reply.Uncertain)
	}
}

// Other errors are returned at once, with the SDK's type and without the text, which may contain values of
// items.
func TestDoGivesUpAtOnce(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"AccessDeniedException", "ResourceNotFoundException", "ValidationException",
		"UnrecognizedClientException", "InvalidSignatureException", "SomethingNew",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s, client, sdk := serve(t, fault(400, code))
			ours := client.Do(t.Context(), wire.Scan, []byte(`{}`), &wire.Reply{})
			if len(s.requests) != 1 {
				t.Errorf("%d requests", len(s.requests))
			}
			_, theirs := sdk.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("orders")})
			if ours == nil || theirs == nil {
				t.Fatalf("the errors are %v and %v", ours, theirs)
			}
			if ours.Error() != awserr.Discreet(theirs).Error() || strings.Contains(ours.Error(), "said so") {
				t.Errorf("the error is\n%v\nthe SDK's is\n%v", ours, theirs)
			}
			var api smithy.APIError
			if !errors.As(ours, &api) || api.ErrorCode() != code {
				t.Errorf("the error has the code %v", api)
			}
		})
	}
}

// Throttled requests are retried until the run's deadline. Do then returns the context's error and not its
// cause: a run ends with the error of one request as the cause, which must not be taken for the result of the
// others.
func TestThrottlesEndWithTheDeadline(t *testing.T) {
	t.Parallel()
	_, client, _ := serve(t, fault(400, "ProvisionedThroughputExceededException"))
	other := errors.New("what happened to another request")
	for wait := 300 * time.Millisecond; client.Throttled() == 0; wait *= 2 { // A slow machine needs longer for the first answer.
		ctx, cancel := context.WithTimeoutCause(t.Context(), wait, other)
		err := client.Do(ctx, wire.Scan, []byte(`{}`), &wire.Reply{})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, other) {
			t.Fatalf("Do = %v after %d throttles", err, client.Throttled())
		}
	}
}

// A clock that is off is corrected by the service's clock, and the request is sent again.
func TestClockIsCorrected(t *testing.T) {
	t.Parallel()
	ahead := 3 * time.Hour
	skewed := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		fault(400, "InvalidSignatureException")(w, r)
	}
	s, client, _ := serve(t, skewed, fine)
	if err := client.Do(t.Context(), wire.Scan, []byte(`{}`), &wire.Reply{}); err != nil {
		t.Fatal(err)
	}
	signed, err := time.Parse("20060102T150405Z", s.requests[1].Header.Get("X-Amz-Date"))
	if err != nil || time.Until(signed) < ahead-time.Hour {
		t.Errorf("the second request is signed for %v (%v)", signed, err)
	}
}

// renewing are credentials: each fetch returns the next key, and from then on the last.
type renewing struct {
	keys    []string
	fetched atomic.Int64
}

func (r *renewing) Retrieve(context.Context) (aws.Credentials, error) {
	n := min(int(r.fetched.Add(1)), len(r.keys))
	return aws.Credentials{AccessKeyID: r.keys[n-1], SecretAccessKey: "SECRET", SessionToken: "TOKEN"}, nil
}

// expired returns a handler that refuses the key.
func expired(key, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), "Credential="+key+"/") {
			fault(400, code)(w, r)
			return
		}
		fine(w, r)
	}
}

// Credentials that expire during a run are fetched again, once for all requests that were refused.
func TestExpiredCredentialsAreRenewed(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ExpiredTokenException", "ExpiredToken"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			source := &renewing{keys: []string{"FIRST", "SECOND", "THIRD"}}
			client := serveTo(t, aws.NewCredentialsCache(source), expired("FIRST", code))
			var all sync.WaitGroup
			for range 32 {
				all.Go(func() {
					var reply wire.Reply
					if err := client.Do(t.Context(), wire.Scan, []byte(`{}`), &reply); err != nil || reply.Uncertain {
						t.Errorf("Do = %v, uncertain %t", err, reply.Uncertain)
					}
				})
			}
			all.Wait()
			if got := source.fetched.Load(); got != 2 {
				t.Errorf("the credentials were fetched %d times, want twice", got)
			}
		})
	}
}

// Credentials that cannot be renewed end the run at once.
func TestExpiredForGood(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]aws.CredentialsProvider{
		"static": credentials.NewStaticCredentialsProvider("FIRST", "SECRET", "TOKEN"),
		"cached": aws.NewCredentialsCache(&renewing{keys: []string{"FIRST"}}),
		"role of expired credentials": aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, &smithy.GenericAPIError{Code: "ExpiredTokenException", Message: "said STS"}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serveTo(t, source, expired("FIRST", "ExpiredTokenException"))
			err := client.Do(t.Context(), wire.Scan, []byte(`{}`), &wire.Reply{})
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != "ExpiredTokenException" {
				t.Errorf("Do = %v", err)
			}
		})
	}
}

// serveTo starts a server with the handler, and returns a client with the credentials.
func serveTo(t *testing.T, source aws.CredentialsProvider, handler http.HandlerFunc) *wire.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	sdk := dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: source,
		AccountIDEndpointMode: aws.AccountIDEndpointModeDisabled,
	})
	client, err := wire.New(t.Context(), sdk, "orders", "dynamoops-test")
	if err != nil {
		t.Fatal(err)
	}
	return client
}
