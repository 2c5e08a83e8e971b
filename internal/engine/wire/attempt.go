// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// target is where requests go.
type target struct {
	request   *http.Request // With what does not change from one to the next.
	userAgent string
	signer    *signer
}

// resolve asks the client's endpoint resolver for the table's endpoint, as the SDK's middleware does for each request.
func resolve(ctx context.Context, options dynamodb.Options, table, userAgent string) (target, error) {
	parameters := dynamodb.EndpointParameters{
		Region:                aws.String(options.Region),
		UseDualStack:          aws.Bool(options.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
		UseFIPS:               aws.Bool(options.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
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
	if port := request.URL.Port(); port == "443" && request.URL.Scheme == "https" || port == "80" && request.URL.Scheme == "http" {
		request.Host = request.URL.Hostname() // As the SDK does.
	}
	service, region := "dynamodb", options.Region
	schemes, _ := smithyauth.GetAuthOptions(&endpoint.Properties)
	for _, scheme := range schemes {
		if name, ok := smithyhttp.GetSigV4SigningName(&scheme.SignerProperties); ok {
			service = name
		}
		if name, ok := smithyhttp.GetSigV4SigningRegion(&scheme.SignerProperties); ok {
			region = name
		}
	}
	return target{request, userAgent, newSigner(request, region, service)}, nil
}

// attempt sends the request once, signed with the credentials of the moment, which go into used; none do
// if there are none.
func (c *Client) attempt(ctx context.Context, op Operation, body []byte, reply *Reply, used *aws.Credentials) error {
	credentials, err := c.options.Credentials.Retrieve(ctx)
	*used = credentials
	if err != nil {
		return c.wrap(op, nil, err)
	}
	response, err := c.send(c.request(ctx, op, body, credentials))
	if err != nil {
		return c.wrap(op, nil, &smithyhttp.RequestSendError{Err: err})
	}
	defer func() { _ = response.Body.Close() }() // Read to its end below; there is nothing left to lose.
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
	return c.wrap(op, response, c.fault(ctx, op, &smithyhttp.Response{Response: response}))
}

// request builds and signs the request.
func (c *Client) request(ctx context.Context, op Operation, body []byte, credentials aws.Credentials) *http.Request {
	request := c.target.request.WithContext(ctx)
	request.Header = http.Header{
		"Content-Type": {contentType}, "Accept-Encoding": {encoding}, "User-Agent": {c.target.userAgent}, "X-Amz-Target": {op.target},
	}
	request.ContentLength = int64(len(body))
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	request.Body, _ = request.GetBody() // It has no error.
	now := time.Now().Add(time.Duration(c.skew.Load()))
	c.target.signer.sign(request.Header, op.target, len(body), sha256.Sum256(body), credentials, now)
	return request
}

// readAll reads the body into dst, growing it to the length announced and the room that bytes.Buffer wants behind it.
func readAll(dst []byte, response *http.Response) ([]byte, error) {
	if n := int(response.ContentLength) + bytes.MinRead; n > cap(dst) {
		dst = make([]byte, 0, n)
	}
	buffer := bytes.NewBuffer(dst)
	_, err := buffer.ReadFrom(response.Body)
	return buffer.Bytes(), err
}

// checkSum compares the body with the CRC32 that DynamoDB sends along.
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

// wrap gives an error the form in which the SDK's client returns it, with the operation and the request's id, so that
// the SDK's classification knows it.
func (c *Client) wrap(op Operation, response *http.Response, err error) error {
	if response != nil {
		err = &awshttp.ResponseError{
			ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: err},
			RequestID:     response.Header.Get("X-Amzn-Requestid"),
		}
	}
	return &smithy.OperationError{ServiceID: dynamodb.ServiceID, OperationName: op.name, Err: err}
}

var errChecksum = errors.New("the answer's bytes do not match its CRC32")
