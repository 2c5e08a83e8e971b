// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// nullServer is a DynamoDB that holds nothing: it makes up the items of a Scan and forgets what is written. It costs as
// little as an HTTP server can, so that what is measured is the client.
type nullServer struct {
	items int // In the table.
	shape shape
	delay time.Duration // Of each answer.
	limit *capacity     // Nil for a table that takes everything.

	mu      sync.Mutex
	pages   map[pageKind]page
	buffers sync.Pool
}

// pageKind is what tells one page from another, but for the keys in it.
type pageKind struct {
	items    int
	keysOnly bool
}

func newNullServer(s shape, items int, delay time.Duration, limit *capacity) *nullServer {
	return &nullServer{
		items: items, shape: s, delay: delay, limit: limit,
		pages:   map[pageKind]page{},
		buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
}

// page returns a page of that kind, made at the first request for it.
func (s *nullServer) page(kind pageKind) page {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.pages[kind]
	if !ok {
		p = newPage(s.shape, kind.items, kind.keysOnly)
		s.pages[kind] = p
	}
	return p
}

func (s *nullServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	buffer, _ := s.buffers.Get().(*bytes.Buffer)
	defer s.buffers.Put(buffer)
	buffer.Reset()
	if _, err := buffer.ReadFrom(r.Body); err != nil {
		return
	}
	if s.delay > 0 {
		time.Sleep(s.delay)
	}
	var answer []byte
	status := http.StatusOK
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch operation {
	case "Scan":
		answer = s.scan(buffer)
	case "BatchWriteItem":
		if s.limit != nil {
			status, answer = s.limit.write(buffer.Bytes(), s.items)
			break
		}
		n := bytes.Count(buffer.Bytes(), []byte(`Request":{`))
		answer = fmt.Appendf(
			nil,
			`{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"t","CapacityUnits":%d,"Table":{"CapacityUnits":%[1]d}}]}`,
			n,
		)
	case "PutItem": // No item is there.
		answer = []byte(`{"ConsumedCapacity":{"TableName":"t","CapacityUnits":1}}`)
	case "DescribeTable":
		answer = fmt.Appendf(
			nil,
			`{"Table":{"TableName":"t","TableStatus":"ACTIVE","TableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/%s","TableId":"%[1]s",`+
				`"ItemCount":%d,"TableSizeBytes":%d,"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}]}}`,
			tableName(buffer.Bytes()),
			s.items,
			s.items*s.shape.bytes,
		)
	default:
		http.Error(w, `{"__type":"UnknownOperationException"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(answer)), 10))
	w.WriteHeader(status)
	_, _ = w.Write(answer) // A client that went away has no use for an error.
}

func tableName(request []byte) string {
	var input struct{ TableName string }
	_ = json.Unmarshal(request, &input) // The name only has to tell two tables apart.
	return input.TableName
}

// scan answers with the page that begins at the position in the request. Segments are runs of keys.
func (s *nullServer) scan(request *bytes.Buffer) []byte {
	input := struct {
		Segment, TotalSegments, Limit int
		ProjectionExpression          string
		ExclusiveStartKey             *struct{ PK struct{ S string } }
	}{TotalSegments: 1, Limit: s.items}
	if err := json.Unmarshal(request.Bytes(), &input); err != nil {
		panic(err) // The request is one of this program's own.
	}
	at := s.items * input.Segment / input.TotalSegments
	end := s.items * (input.Segment + 1) / input.TotalSegments
	if input.ExclusiveStartKey != nil {
		at, _ = strconv.Atoi(strings.TrimPrefix(input.ExclusiveStartKey.PK.S, "order#"))
	}
	n := min(end-at, input.Limit, 1<<20/s.shape.bytes)
	request.Reset()
	return s.page(pageKind{n, input.ProjectionExpression != ""}).fill(request.AvailableBuffer(), at, at+n == end)
}
