// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package wire_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// Every request has the very headers that the SDK's signer would have given it, whatever it is signed with and wherever it goes.
func TestSignsAsTheSDK(t *testing.T) {
	t.Parallel()
	const scheme = "https://"
	sides := map[string]dynamodb.Options{
		"Region":       {Region: "eu-west-1"},
		"China, FIPS":  {Region: "cn-north-1", EndpointOptions: dynamodb.EndpointResolverOptions{UseFIPSEndpoint: aws.FIPSEndpointStateEnabled}},
		"port":         {Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1:8000")},
		"usual port":   {Region: "us-east-1", BaseEndpoint: aws.String(scheme + "vpce-1.dynamodb.us-east-1.vpce.amazonaws.com:443")},
		"usual port 2": {Region: "us-east-1", BaseEndpoint: aws.String("http://localhost:80/")},
		"IPv6":         {Region: "us-east-1", BaseEndpoint: aws.String("http://[::1]:8000")},
		"path":         {Region: "us-east-1", BaseEndpoint: aws.String(scheme + "gateway.example.com/to dynamodb/ä+%2F")},
	}
	// Those that follow one another differ in one part.
	keys := []aws.Credentials{
		{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}, {AccessKeyID: "AKID", SecretAccessKey: "SECRET", SessionToken: "TOKEN//+=="},
		{AccessKeyID: "AKID", SecretAccessKey: "OTHER", SessionToken: "TOKEN"}, {AccessKeyID: "ASIA", SecretAccessKey: "OTHER", SessionToken: strings.Repeat("long", 500)},
	}
	for name, side := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var credentials aws.Credentials
			var got *http.Request
			side.AccountIDEndpointMode = aws.AccountIDEndpointModeDisabled
			side.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil })
			side.HTTPClient = smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
				got = r
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})
			client, err := wire.New(t.Context(), dynamodb.New(side), "orders", "dynamoops-test")
			if err != nil {
				t.Fatal(err)
			}
			for n := range 3 * len(keys) {
				credentials = keys[n%len(keys)]
				body := strings.Repeat("x", 1+n*n*100)
				if err := client.Do(t.Context(), []wire.Operation{wire.Scan, wire.BatchWriteItem}[n%2], []byte(body), &wire.Reply{}); err != nil {
					t.Fatal(err)
				}
				want := signedBySDK(t, got, credentials, side.Region)
				if !reflect.DeepEqual(got.Header, want.Header) || got.Host != want.Host || got.URL.String() != want.URL.String() {
					t.Fatalf("request %d is to %s (%s) with\n%v\nwant %s (%s)\n%v", n, got.URL, got.Host, got.Header, want.URL, want.Host, want.Header)
				}
			}
		})
	}
}

// signedBySDK returns the request as the SDK's signer signs it, at the time at which it is signed already.
func signedBySDK(t *testing.T, request *http.Request, credentials aws.Credentials, region string) *http.Request {
	t.Helper()
	body, err := request.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse("20060102T150405Z", request.Header.Get("X-Amz-Date"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	other := request.Clone(t.Context())
	for _, header := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
		other.Header.Del(header)
	}
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, other, hex.EncodeToString(sum[:]), "dynamodb", region, at); err != nil {
		t.Fatal(err)
	}
	return other
}
