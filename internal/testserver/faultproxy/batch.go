// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package faultproxy

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
)

// writeRequests are the put and delete requests of a BatchWriteItem by table, each as it was sent.
type writeRequests map[string][]json.RawMessage

// batch is a BatchWriteItem of which a part is held back.
type batch struct {
	forwarded []byte // the request without what is held back
	held      writeRequests
	heldCount int
}

// splitBatch holds back between one and all but one of the requests in the body of a BatchWriteItem. It reports false
// when the body is none, or has a single request.
func splitBatch(body []byte, detail *rand.Rand) (*batch, bool) {
	var fields map[string]json.RawMessage
	var all writeRequests
	if json.Unmarshal(body, &fields) != nil || json.Unmarshal(fields["RequestItems"], &all) != nil {
		return nil, false
	}
	count := 0
	for _, requests := range all {
		count += len(requests)
	}
	if count < 2 {
		return nil, false
	}

	result := &batch{held: writeRequests{}, heldCount: 1 + detail.IntN(count-1)}
	isHeld := make([]bool, count)
	for _, position := range detail.Perm(count)[:result.heldCount] {
		isHeld[position] = true
	}
	forwarded := writeRequests{}
	position := 0
	for _, table := range slices.Sorted(maps.Keys(all)) {
		for _, request := range all[table] {
			to := forwarded
			if isHeld[position] {
				to = result.held
			}
			to[table] = append(to[table], request)
			position++
		}
	}
	fields["RequestItems"] = encode(forwarded)
	result.forwarded = encode(fields)
	return result, true
}

// addUnprocessed puts the requests into the UnprocessedItems of the answer to a BatchWriteItem, with those that the
// server itself has put there, and sets the checksum.
func (r *Reply) addUnprocessed(held writeRequests) {
	var fields map[string]json.RawMessage
	all := writeRequests{}
	if err := json.Unmarshal(r.Body, &fields); err != nil {
		*r = *badGateway(err)
		return
	}
	if own, ok := fields["UnprocessedItems"]; ok {
		if err := json.Unmarshal(own, &all); err != nil {
			*r = *badGateway(err)
			return
		}
	}
	for table, requests := range held {
		all[table] = append(all[table], requests...)
	}
	fields["UnprocessedItems"] = encode(all)
	r.Body = encode(fields)
	r.header().Set(checksumHeader, checksum(r.Body))
}

// encode writes JSON without HTML's escapes, so that items keep their bytes.
func encode(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // only maps of strings and of what was decoded before come here
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}
