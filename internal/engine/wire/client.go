// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package wire sends the operations that carry items, and DescribeTable during a run, as raw bytes.
//
// Most of what a copy costs is the SDK's middleware and the decoding of items, and a copy needs neither. A
// [Client] uses the parts of an SDK client (its credentials, endpoint resolver, signer, HTTP client and error
// types) and returns the body of each response as it was received. The rest of the middleware's work is done
// here: the CRC32 of a response is checked, the clock is corrected when the service reports that it is off, and
// throttled requests and temporary failures are retried.
package wire

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pause"
)

// retryWindow is how long a request is retried while the service cannot be reached or fails. Throttles are not
// limited by it: they are retried until the run's deadline.
const retryWindow = 2 * time.Minute

// Client sends raw requests to one endpoint with one set of credentials. It is safe for concurrent use.
type Client struct {
	options dynamodb.Options
	send    func(*http.Request) (*http.Response, error)
	// target is resolved once: the endpoint of a client and a table does not change.
	target      target
	renewal     sync.Mutex
	skew        atomic.Int64 // Nanoseconds by which the service's clock is ahead of ours.
	throttled   atomic.Int64
	retryWindow time.Duration
}

// New returns a client for requests about the table, which is a name or an ARN. It uses the parts of the SDK's
// client, whose HTTP client also limits how long a response may take.
func New(ctx context.Context, client *dynamodb.Client, table, userAgent string) (*Client, error) {
	c := &Client{options: client.Options(), retryWindow: retryWindow}
	c.send = c.options.HTTPClient.Do
	if plain, ok := c.options.HTTPClient.(*http.Client); ok && plain.Transport != nil && plain.Timeout == 0 {
		// An http.Client copies every request for redirects and cookies. DynamoDB uses neither.
		c.send = plain.Transport.RoundTrip
	}
	var err error
	c.target, err = resolve(ctx, c.options, table, userAgent)
	return c, err
}

// Throttled returns how many requests the service has throttled so far.
func (c *Client) Throttled() int64 { return c.throttled.Load() }

// Reply is the response to one request. Its memory is reused when the Reply is.
type Reply struct {
	// Body is the JSON of the response, valid until the Reply is reused.
	Body []byte
	// Uncertain reports whether an attempt ended without a response. The service may then have carried out the
	// request twice, or once although it failed in the end.
	Uncertain bool
	// Throttled is how many attempts were throttled because of the table as a whole, not of a single partition.
	Throttled int
}

// Do sends the body until the service answers, and stores the response in reply. It retries a throttled request
// until ctx ends. It retries failures of the service or the connection for two minutes, and renews expired
// credentials within that time. Any other error is returned at once, with the type that the SDK's client would
// give it. With a context of [AwaitAnswers] it returns when the run ends, after waiting for an outstanding
// response.
func (c *Client) Do(ctx context.Context, op Operation, body []byte, reply *Reply) error {
	return awserr.Hiding(c.do(ctx, op, body, reply), aws.ToString(c.options.BaseEndpoint))
}

func (c *Client) do(ctx context.Context, op Operation, body []byte, reply *Reply) error {
	reply.Uncertain, reply.Throttled = false, 0
	running := sendContext(ctx)
	if running.Err() != nil {
		return running.Err()
	}
	var start time.Time
	var used aws.Credentials
	for failures := 1; ; failures++ {
		err := c.attempt(ctx, op, body, reply, &used)
		if err == nil {
			return nil
		}
		reply.Uncertain = reply.Uncertain || unanswered(err)
		if running.Err() != nil {
			// Not the context's cause: that may be an error of another request, which says nothing about this
			// one.
			return running.Err()
		}
		wait := pace.Unreachable
		switch means := c.kindOf(err); means {
		case throttle, conflict:
			start = time.Time{} // The service can be reached.
			if wait = pace.Throttled; means == conflict {
				break
			}
			c.throttled.Add(1)
			if !keyRange(err) {
				reply.Throttled++
			}
		case temporary, expired:
			if means == expired && !c.renew(ctx, used) {
				return err
			}
			if start.IsZero() {
				start = time.Now()
			} else if time.Since(start) > c.retryWindow {
				return err
			}
		case final:
			return err
		}
		if err := pause.Sleep(running, wait.Wait(failures, rand.Float64())); err != nil {
			return err
		}
	}
}

// renew reports whether a request may be sent again because there are other credentials than the expired ones.
// It fetches new credentials unless another request already has. If that fails, the next attempt finds out. If
// there are no expired credentials, expired ones were met while fetching these, and that is final.
func (c *Client) renew(ctx context.Context, expired aws.Credentials) bool {
	c.renewal.Lock()
	defer c.renewal.Unlock()
	others := func() bool {
		current, err := c.options.Credentials.Retrieve(ctx)
		return err != nil || current.AccessKeyID != expired.AccessKeyID || current.SessionToken != expired.SessionToken
	}
	if !expired.HasKeys() {
		return false
	}
	if others() {
		return true
	}
	if cache, ok := c.options.Credentials.(*aws.CredentialsCache); ok {
		cache.Invalidate()
		if others() {
			return true
		}
		// The first result may come from a fetch that had begun earlier and that other requests share.
		cache.Invalidate()
	}
	return others()
}
