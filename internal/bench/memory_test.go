// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// Requests with items of the most that DynamoDB takes stay small, since many of them are in memory at once.
func TestLargeItemsInSmallRequests(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	var largest atomic.Int64
	shape := shapes["400KB"]
	w := work{Items: 200}
	server := newNullServer(shape, w.Items, 0, nil)
	client := newClient("http://dynamodb.test", inProcess{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".BatchWriteItem") {
			for seen := largest.Load(); r.ContentLength > seen && !largest.CompareAndSwap(seen, r.ContentLength); seen = largest.Load() {
			}
		}
		server.ServeHTTP(w, r)
	})})
	written, err := runEngine(t.Context(), client, w)
	if err != nil || written != int64(w.Items) {
		t.Fatalf("%d items are written, %v", written, err)
	}
	if size := largest.Load(); size < int64(shape.bytes) || size > most+most/10 {
		t.Errorf("the largest request has %d bytes", size)
	}
}
