// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"context"
	cryptorand "crypto/rand"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// scheduleItems is how many orders the copies in this process move: at least 60 batches.
const scheduleItems = 1500

// oneClient connects every side of a job to the same DynamoDB, and to no other service.
type oneClient struct {
	engine.Connections
	client *dynamodb.Client
}

func (c oneClient) DynamoDB(context.Context, awsconn.Connection) (*dynamodb.Client, error) {
	return c.client, nil
}

// newEngine returns an engine of this process whose requests go to the endpoint. It has a journal of its own.
func newEngine(t *testing.T, endpoint, account string) *engine.Engine {
	t.Helper()
	transport := awshttp.NewBuildableClient().GetTransport()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 256, 256
	t.Cleanup(transport.CloseIdleConnections)
	client := dynamodb.New(dynamodb.Options{
		Region: region, BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider(account, dynamodblocal.SecretKey, ""),
		HTTPClient:  &http.Client{Transport: transport},
		// For the requests that describe tables: as patient as the provider's, but quicker.
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 26, 50*time.Millisecond, ratelimit.None
		}),
	})
	directory := t.TempDir()
	return &engine.Engine{Connections: oneClient{client: client}, Journal: journal.Local(directory), Directory: directory, UserAgent: "e2e", Now: time.Now}
}

func copyJob(source, destination string) job.Copy {
	return job.Copy{Source: job.Source{Table: source}, Destination: job.Destination{Table: destination}}
}

// schedule draws which faults happen, and how often, from the seed.
func schedule(seed uint64) faultproxy.Faults {
	draws := rand.New(rand.NewPCG(seed, 1))
	rate := func(most float64) float64 {
		if draws.IntN(2) == 0 {
			return 0
		}
		return most * (0.2 + 0.8*draws.Float64())
	}
	return faultproxy.Faults{
		Seed: seed, Throttle: rate(0.2), Unprocessed: rate(0.4), ServerError: rate(0.1), DropBefore: rate(0.1), DropAfter: rate(0.1),
		Slow: rate(0.2), SlowFor: time.Duration(1+draws.IntN(100)) * time.Millisecond, Corrupt: rate(0.1),
	}
}

// Whatever mix of faults a copy and its verification meet, it comes out exact.
func TestThirtySchedules(t *testing.T) {
	t.Parallel()
	const schedules = 30
	server := dynamodblocal.Shared(t)
	account := cryptorand.Text()
	client := server.Client(region, account)
	create(t, client, "schedules-source")
	fill(t, client, "schedules-source", scheduleItems)

	var mu sync.Mutex
	var all faultproxy.Injected
	ran := 0
	// The server is one process: more copies at once make none of them faster.
	turns := make(chan struct{}, 4)
	for seed := range uint64(schedules) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			table := fmt.Sprintf("schedules-copy-%d", seed)
			create(t, client, table)
			faults := schedule(seed)
			proxy := faultproxy.New(server.URL, faults)
			t.Cleanup(proxy.Close)
			e := newEngine(t, proxy.URL, account)

			j := copyJob("schedules-source", table)
			j.Verify = job.VerifyFull
			result, err := e.Copy(t.Context(), j, engine.Observer{})
			injected := proxy.Injected()
			t.Logf("faults %+v\ninjected %+v", faults, injected)
			if err != nil {
				t.Fatal(err)
			}
			if !result.Verified {
				t.Error("the copy was not verified")
			}
			ledger := result.Ledger
			ledger.BytesWritten, ledger.ReadUnits, ledger.WriteUnits, ledger.Unprocessed = 0, 0, 0, 0 // Not counts of items.
			if want := (flow.Ledger{Scanned: scheduleItems, Written: scheduleItems}); ledger != want {
				t.Errorf("the ledger is %+v, want %+v", ledger, want)
			}
			expectOrders(t, client, table, scheduleItems, func(int) bool { return true })

			mu.Lock()
			defer mu.Unlock()
			ran++
			all.Throttle += injected.Throttle
			all.Unprocessed += injected.Unprocessed
			all.ServerError += injected.ServerError
			all.DropBefore += injected.DropBefore
			all.DropAfter += injected.DropAfter
			all.Slow += injected.Slow
			all.Corrupt += injected.Corrupt
			all.UnprocessedOperations += injected.UnprocessedOperations
		})
	}
	t.Cleanup(func() { // When the last subtest has ended.
		t.Logf("%d schedules injected %+v", ran, all)
		everyFault := all.Throttle > 0 && all.Unprocessed > 0 && all.ServerError > 0 && all.DropBefore > 0 && all.DropAfter > 0 && all.Slow > 0 && all.Corrupt > 0
		if ran == schedules && !everyFault {
			t.Errorf("not every fault was injected: %+v", all)
		}
	})
}
