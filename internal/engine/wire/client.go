// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package wire sends the operations that carry items, and DescribeTable during a run, as raw bytes.
//
// Most of what a copy costs is the SDK's middleware and the decoding of items, and a copy needs neither. A [Client] sends
// them with the parts of an SDK client (its credentials, endpoint resolver, signer, HTTP client and error types) and hands the
// body of the answer over as it came. What the middleware did besides is done here: the CRC32 of an answer is checked, the clock
// is corrected when the service says it is off, throttles and passing faults are sent again.
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

// retryWindow is how long a request is sent again when the service cannot be reached or fails. A throttle has no such
// bound: it ends with the run's deadline.
const retryWindow = 2 * time.Minute

// Client sends raw requests to one endpoint with one set of credentials. It is safe for concurrent use.
type Client struct {
	options dynamodb.Options
	send    func(*http.Request) (*http.Response, error)
	// target is found once: the endpoint of a client and a table does not change.
	target      target
	renewal     sync.Mutex
	skew        atomic.Int64 // Nanoseconds the service's clock is ahead of ours.
	throttled   atomic.Int64
	retryWindow time.Duration
}

// New returns a client that sends what concerns the table, a name or an ARN, with the parts of the SDK's client. How long an answer
// may take is up to that client's HTTP client.
func New(ctx context.Context, client *dynamodb.Client, table, userAgent string) (*Client, error) {
	c := &Client{options: client.Options(), retryWindow: retryWindow}
	c.send = c.options.HTTPClient.Do
	if client, ok := c.options.HTTPClient.(*http.Client); ok && client.Transport != nil && client.Timeout == 0 {
		c.send = client.Transport.RoundTrip // DynamoDB has neither redirects nor cookies, for which an http.Client copies every request.
	}
	var err error
	c.target, err = resolve(ctx, c.options, table, userAgent)
	return c, err
}

// Throttled returns how many requests the service has refused so far because they came too fast.
func (c *Client) Throttled() int64 { return c.throttled.Load() }

// Reply is the answer to one request. A Reply that is used again keeps its memory.
type Reply struct {
	// Body is the JSON of the answer, valid until the Reply is used again.
	Body []byte
	// Uncertain says that an attempt ended without an answer: the service may have carried the request out twice, or, with an error, once.
	Uncertain bool
	// Throttled is how many attempts were refused because the table as a whole takes no more.
	Throttled int
}

// Do sends the body until the service answers it, and puts the answer into reply. Throttles are waited out until ctx
// ends; faults of the service or the connection for two minutes, and so long credentials that have expired are fetched anew;
// any other error comes back at once, typed as the SDK's client would type it. With a context of [AwaitAnswers] it ends when the run
// does, less the wait for its answer.
func (c *Client) Do(ctx context.Context, op Operation, body []byte, reply *Reply) error {
	return awserr.Hiding(c.do(ctx, op, body, reply), aws.ToString(c.options.BaseEndpoint))
}

func (c *Client) do(ctx context.Context, op Operation, body []byte, reply *Reply) error {
	reply.Uncertain, reply.Throttled = false, 0
	running := sends(ctx)
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
			// Not the cause: that may be an error of another request, which says nothing of this one.
			return running.Err()
		}
		wait := pace.Unreachable
		switch means := c.kindOf(err); means {
		case throttle, conflict:
			start = time.Time{} // The service is there.
			if wait = pace.Throttled; means == conflict {
				break
			}
			c.throttled.Add(1)
			if !keyRange(err) {
				reply.Throttled++
			}
		case passing, expired:
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

// renew says whether a request may be sent again because there are other credentials than those that have expired. It has
// them fetched, unless another request already has. Whether that fails is for the next attempt to find. Without credentials
// it was the fetching of some that met expired ones, which is final.
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
		cache.Invalidate() // The first answer may be that of a fetch which had begun before, and which others wait for too.
	}
	return others()
}

// Sleep is [pause.Sleep].
func Sleep(ctx context.Context, d time.Duration) error { return pause.Sleep(ctx, d) }
