// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// target is where requests go, and what they are signed for.
type target struct {
	service, region string
	// request is the prototype of all requests.
	request *http.Request
}

// resolve asks the client's endpoint resolver for the table's endpoint, as the SDK's middleware does for each
// request.
func resolve(ctx context.Context, options dynamodb.Options, table, userAgent string) (target, error) {
	endpoints := options.EndpointOptions
	parameters := dynamodb.EndpointParameters{
		Region:                aws.String(options.Region),
		UseDualStack:          aws.Bool(endpoints.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
		UseFIPS:               aws.Bool(endpoints.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		Endpoint:              options.BaseEndpoint,
		AccountIdEndpointMode: aws.String(string(options.AccountIDEndpointMode)),
		ResourceArn:           aws.String(table),
	}
	if options.AccountIDEndpointMode != aws.AccountIDEndpointModeDisabled {
		credentials, err := options.Credentials.Retrieve(ctx)
		if err != nil {
			return target{}, err
		}
		if credentials.AccountID != "" {
			parameters.AccountId = aws.String(credentials.AccountID)
		}
	}
	endpoint, err := options.EndpointResolverV2.ResolveEndpoint(ctx, parameters)
	if err != nil {
		return target{}, err
	}
	if endpoint.URI.Path == "" {
		endpoint.URI.Path = "/"
	}
	request, err := http.NewRequest(http.MethodPost, endpoint.URI.String(), http.NoBody)
	if err != nil {
		return target{}, err
	}
	request.Header = endpoint.Headers.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("User-Agent", userAgent)
	// The transport would ask for gzip on its own, and decoding that costs more than it saves inside a Region.
	request.Header.Set("Accept-Encoding", "identity")
	t := target{service: "dynamodb", region: options.Region, request: request}
	schemes, _ := smithyauth.GetAuthOptions(&endpoint.Properties)
	for _, scheme := range schemes {
		if name, ok := smithyhttp.GetSigV4SigningName(&scheme.SignerProperties); ok {
			t.service = name
		}
		if region, ok := smithyhttp.GetSigV4SigningRegion(&scheme.SignerProperties); ok {
			t.region = region
		}
	}
	return t, nil
}

// attempt sends the request once, signed with the current credentials, which it stores in used. If there are
// none, used is empty.
func (c *Client) attempt(ctx context.Context, op Operation, body []byte, reply *Reply, used *aws.Credentials) error {
	credentials, err := c.options.Credentials.Retrieve(ctx)
	*used = credentials
	if err != nil {
		return c.wrap(op, nil, err)
	}
	request, err := c.request(ctx, op, body, credentials)
	if err != nil {
		return err
	}
	response, err := c.send(request)
	if err != nil {
		return c.wrap(op, nil, &smithyhttp.RequestSendError{Err: err})
	}
	defer func() { _ = response.Body.Close() }() // It is read to its end below, so nothing can be lost.
	if reply.Body, err = readAll(reply.Body[:0], response); err != nil {
		return c.wrap(op, response, &smithyhttp.RequestSendError{Err: err})
	}
	if err := checkSum(response, reply.Body); err != nil {
		return c.wrap(op, response, err)
	}
	if response.StatusCode == http.StatusOK {
		return nil
	}
	c.correctClock(response)
	response.Body = io.NopCloser(bytes.NewReader(reply.Body))
	return awserr.Discreet(c.wrap(op, response, c.fault(ctx, op, &smithyhttp.Response{Response: response})))
}

// headers is the approximate number of headers of a request, so that their map need not grow.
const headers = 12

// request builds and signs the request.
func (c *Client) request(
	ctx context.Context, op Operation, body []byte, credentials aws.Credentials,
) (*http.Request, error) {
	request := c.target.request.WithContext(ctx)
	url := *request.URL // Signing writes into it.
	request.URL = &url
	request.Header = make(http.Header, headers)
	maps.Copy(request.Header, c.target.request.Header)
	request.ContentLength = int64(len(body))
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	request.Body, _ = request.GetBody() // It never fails.
	request.Header["X-Amz-Target"] = []string{"DynamoDB_20120810." + op.name}
	sum := sha256.Sum256(body)
	now := time.Now().Add(time.Duration(c.skew.Load()))
	signer, digest := c.options.HTTPSignerV4, hex.EncodeToString(sum[:])
	return request, signer.SignHTTP(ctx, credentials, request, digest, c.target.service, c.target.region, now)
}

// readAll reads the body into dst. It grows dst to the announced length plus the spare room that bytes.Buffer
// needs.
func readAll(dst []byte, response *http.Response) ([]byte, error) {
	if n := int(response.ContentLength) + bytes.MinRead; n > cap(dst) {
		dst = make([]byte, 0, n)
	}
	buffer := bytes.NewBuffer(dst)
	_, err := buffer.ReadFrom(response.Body)
	return buffer.Bytes(), err
}

// checkSum compares the body with the CRC32 that DynamoDB sends.
func checkSum(response *http.Response, body []byte) error {
	header := response.Header.Get("X-Amz-Crc32")
	if header == "" {
		return nil
	}
	want, err := strconv.ParseUint(header, 10, 32)
	if err != nil || uint32(want) != crc32.ChecksumIEEE(body) {
		return errChecksum
	}
	return nil
}

// wrap gives an error the form in which the SDK's client returns it, with the operation and the request ID, so
// that the SDK's classification recognizes it.
func (c *Client) wrap(op Operation, response *http.Response, err error) error {
	if response != nil {
		err = &awshttp.ResponseError{
			ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: err},
			RequestID:     response.Header.Get("X-Amzn-Requestid"),
		}
	}
	return &smithy.OperationError{ServiceID: dynamodb.ServiceID, OperationName: op.name, Err: err}
}

var errChecksum = errors.New("the response's bytes do not match its CRC32")
