// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package faultproxy_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

func TestThrottle(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Seed: 1, Throttle: 1})
	const requests = 50
	seen := map[string]int{}
	for id := range requests {
		throttle, ok := errors.AsType[*types.ProvisionedThroughputExceededException](put(t, f.client, id))
		if !ok {
			t.Fatal("not throttled")
		}
		if len(throttle.ThrottlingReasons) == 0 {
			seen["no reason"]++
			continue
		}
		reason := throttle.ThrottlingReasons[0]
		seen[aws.ToString(reason.Reason)]++
		if resource := aws.ToString(reason.Resource); resource != "arn:aws:dynamodb:ddblocal:000000000000:table/orders" {
			t.Errorf("resource %q", resource)
		}
	}

	for _, kind := range []string{"no reason", "TableWriteProvisionedThroughputExceeded", "TableWriteKeyRangeThroughputExceeded"} {
		if seen[kind] == 0 {
			t.Errorf("never: %s", kind)
		}
	}
	if len(seen) != 3 {
		t.Errorf("seen: %v", seen)
	}
	if n := f.proxy.Injected().Throttle; n != requests {
		t.Errorf("%d of %d counted", n, requests)
	}
	if n := stored(t, f.direct, "orders"); n != 0 {
		t.Errorf("%d items were written", n)
	}
}

func TestThrottleOfOtherOperations(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Seed: 1, Throttle: 1})

	_, err := f.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	if apiError, ok := errors.AsType[smithy.APIError](err); !ok || apiError.ErrorCode() != "ThrottlingException" {
		t.Errorf("DescribeTable: %v", err)
	}

	var reasons []string
	for len(reasons) == 0 {
		_, err := f.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("orders")})
		throttle, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err)
		if !ok {
			t.Fatalf("Scan: %v", err)
		}
		for _, reason := range throttle.ThrottlingReasons {
			reasons = append(reasons, aws.ToString(reason.Reason))
		}
	}
	if !strings.HasPrefix(reasons[0], "TableRead") {
		t.Errorf("Scan: reason %s", reasons[0])
	}
}

func TestServerError(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Seed: 1, ServerError: 1})
	const requests = 30
	for id := range requests {
		if _, ok := errors.AsType[*types.InternalServerError](put(t, f.client, id)); !ok {
			t.Fatal("no server error")
		}
	}
	if n := f.proxy.Injected().ServerError; n != requests {
		t.Errorf("%d of %d counted", n, requests)
	}
	if n := stored(t, f.direct, "orders"); n == 0 || n == requests {
		t.Errorf("%d of %d were written, want some before and some after the work", n, requests)
	}
}

func TestDroppedConnections(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults faultproxy.Faults
		stored int
		want   faultproxy.Injected
	}{
		"Before": {faultproxy.Faults{DropBefore: 1, DropAfter: 1, Throttle: 1}, 0, faultproxy.Injected{DropBefore: 1}},
		"After":  {faultproxy.Faults{DropAfter: 1, Corrupt: 1}, 1, faultproxy.Injected{DropAfter: 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, test.faults)
			err := put(t, f.client, 1)
			if err == nil {
				t.Error("the request got an answer")
			}
			if apiError, ok := errors.AsType[smithy.APIError](err); ok {
				t.Errorf("the request got an answer: %v", apiError)
			}
			if n := stored(t, f.direct, "orders"); n != test.stored {
				t.Errorf("%d items stored, want %d", n, test.stored)
			}
			if got := f.proxy.Injected(); got != test.want {
				t.Errorf("injected %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	const slowFor = 30 * time.Millisecond
	f := setUp(t, faultproxy.Faults{Slow: 1, SlowFor: slowFor})
	start := time.Now()
	if err := put(t, f.client, 1); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < slowFor {
		t.Errorf("took %s, want at least %s", took, slowFor)
	}
	if got, want := f.proxy.Injected(), (faultproxy.Injected{Slow: 1}); got != want {
		t.Errorf("injected %+v, want %+v", got, want)
	}
}

func TestCorrupt(t *testing.T) {
	t.Parallel()
	f := setUp(t, faultproxy.Faults{Seed: 1, Corrupt: 1})
	if err := put(t, f.direct, 1); err != nil {
		t.Fatal(err)
	}
	const scan = `{"TableName":"orders"}`
	_, _, want := post(t, dynamodblocal.Shared(t).URL, "Scan", f.accessKey, scan)
	positions := map[int]bool{}
	const requests = 20
	for range requests {
		status, checksum, got := post(t, f.proxy.URL, "Scan", f.accessKey, scan)
		if status != http.StatusOK || len(got) != len(want) || checksum != sum(want) || checksum == sum(got) {
			t.Fatalf("got %d %s %s, want a change of %s %s", status, checksum, got, sum(want), want)
		}
		changed := 0
		for i := range want {
			if got[i] != want[i] {
				changed++
				positions[i] = true
			}
		}
		if changed != 1 {
			t.Errorf("%d bytes changed: %s", changed, got)
		}
	}
	if len(positions) < 2 {
		t.Error("always the same byte is changed")
	}
	if n := f.proxy.Injected().Corrupt; n != requests {
		t.Errorf("%d of %d counted", n, requests)
	}
	// An error of DynamoDB Local comes without a checksum; a corrupted one has the wrong one.
	_, checksum, got := post(t, f.proxy.URL, "Scan", f.accessKey, `{"TableName":"missing"}`)
	if checksum == "" || checksum == sum(got) {
		t.Errorf("error with checksum %q of %s", checksum, got)
	}
}

// TestSeed also holds that the plan of one fault does not depend on how likely the others are.
func TestSeed(t *testing.T) {
	t.Parallel()
	some := faultproxy.Faults{Seed: 42, Throttle: 0.3}
	f := setUp(t, some)
	const requests = 60
	throttled := func(faults faultproxy.Faults) []bool {
		f.proxy.SetFaults(faults)
		var all []bool
		for id := range requests {
			_, ok := errors.AsType[*types.ProvisionedThroughputExceededException](put(t, f.client, id))
			all = append(all, ok)
		}
		return all
	}

	first := throttled(some)
	if !slices.Contains(first, true) || !slices.Contains(first, false) {
		t.Fatalf("a probability of 0.3 gives %v", first)
	}
	if again := throttled(some); !slices.Equal(first, again) {
		t.Errorf("the same seed gives another plan:\n%v\n%v", first, again)
	}
	others := some
	others.Corrupt, others.Slow = 0.5, 0.5
	if got := throttled(others); !slices.Equal(first, got) {
		t.Errorf("other faults change the plan:\n%v\n%v", first, got)
	}
	seed := some
	seed.Seed++
	if got := throttled(seed); slices.Equal(first, got) {
		t.Error("another seed gives the same plan")
	}
}
