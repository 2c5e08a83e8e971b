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
	items   int // In the table.
	perPage int
	shape   shape
	delay   time.Duration // Of each answer.

	pages   map[bool]page // By whether they hold keys only.
	buffers sync.Pool
}

func newNullServer(s shape, items int, delay time.Duration) *nullServer {
	perPage := 1 << 20 / s.bytes
	return &nullServer{
		items: items, perPage: perPage, shape: s, delay: delay,
		pages:   map[bool]page{true: newPage(s, perPage, true), false: newPage(s, perPage, false)},
		buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
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
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch operation {
	case "Scan":
		answer = s.scan(buffer)
	case "BatchWriteItem":
		n := bytes.Count(buffer.Bytes(), []byte(`Request":{`))
		answer = fmt.Appendf(nil, `{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"t","CapacityUnits":%d}]}`, n)
	case "DescribeTable":
		answer = fmt.Appendf(nil, `{"Table":{"TableName":"t","TableStatus":"ACTIVE","TableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/%s","TableId":"%[1]s",`+
			`"ItemCount":%d,"TableSizeBytes":%d,"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}]}}`,
			tableName(buffer.Bytes()), s.items, s.items*s.shape.bytes)
	default:
		http.Error(w, `{"__type":"UnknownOperationException"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(answer)), 10))
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
		Segment, TotalSegments int
		ProjectionExpression   string
		ExclusiveStartKey      *struct{ PK struct{ S string } }
	}{TotalSegments: 1}
	if err := json.Unmarshal(request.Bytes(), &input); err != nil {
		panic(err) // The request is one of this program's own.
	}
	pages := s.items / s.perPage
	first := pages * input.Segment / input.TotalSegments
	end := pages * (input.Segment + 1) / input.TotalSegments
	at := first * s.perPage
	if input.ExclusiveStartKey != nil {
		at, _ = strconv.Atoi(strings.TrimPrefix(input.ExclusiveStartKey.PK.S, "order#"))
	}
	if first == end {
		return []byte(`{"Items":[],"Count":0,"ScannedCount":0}`)
	}
	request.Reset()
	return s.pages[input.ProjectionExpression != ""].fill(request.AvailableBuffer(), at, at+s.perPage >= end*s.perPage)
}
