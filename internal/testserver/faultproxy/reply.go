// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package faultproxy

import (
	"encoding/json"
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
)

// checksumHeader holds the CRC-32 (IEEE) of the body as it is sent, in decimal. DynamoDB sets it on every answer,
// DynamoDB Local on those with status 200.
const checksumHeader = "X-Amz-Crc32"

// Reply is an answer to a request.
type Reply struct {
	// Status is the HTTP status.
	Status int
	// Header may be nil. Without a checksum or a content type the reply gets those of its body.
	Header http.Header
	// Body is sent as it is.
	Body []byte
}

// Error returns the reply with which DynamoDB refuses a request: code is the short name of the exception, such as
// "ResourceNotFoundException". ("Error handling with DynamoDB" in the developer guide.)
func Error(status int, code, message string) *Reply {
	return errorReply(status, code, map[string]any{"message": message})
}

// namespaces of the exceptions that are not DynamoDB's own but of the framework it is built on.
var namespaces = map[string]string{
	"AccessDeniedException":       "com.amazon.coral.service#",
	"ExpiredTokenException":       "com.amazon.coral.service#",
	"UnrecognizedClientException": "com.amazon.coral.service#",
	"InvalidSignatureException":   "com.amazon.coral.service#",
	"SerializationException":      "com.amazon.coral.service#",
	"ThrottlingException":         "com.amazon.coral.availability#",
	"ValidationException":         "com.amazon.coral.validate#",
}

func errorReply(status int, code string, fields map[string]any) *Reply {
	namespace, ok := namespaces[code]
	if !ok {
		namespace = "com.amazonaws.dynamodb.v20120810#"
	}
	fields["__type"] = namespace + code
	return &Reply{Status: status, Body: encode(fields)}
}

func badGateway(err error) *Reply {
	return &Reply{Status: http.StatusBadGateway, Body: encode(map[string]any{"message": "fault proxy: " + err.Error()})}
}

// itemOperations are those that DynamoDB throttles by a table's capacity, and whether they write.
var itemOperations = map[string]bool{
	"BatchGetItem": false, "GetItem": false, "Query": false, "Scan": false, "TransactGetItems": false,
	"BatchExecuteStatement": true, "ExecuteStatement": true, "ExecuteTransaction": true, "TransactWriteItems": true,
	"BatchWriteItem": true, "DeleteItem": true, "PutItem": true, "UpdateItem": true,
}

func throttle(operation string, body []byte, detail *rand.Rand) *Reply {
	writes, ofItems := itemOperations[operation]
	if !ofItems {
		return Error(http.StatusBadRequest, "ThrottlingException", "Rate of requests exceeds the allowed throughput.")
	}
	fields := map[string]any{"message": "The level of configured provisioned throughput for the table was exceeded. " +
		"Consider increasing your provisioning level with the UpdateTable API."}
	if table := tableOf(body); table != "" && detail.IntN(2) == 0 {
		reason := "TableRead"
		if writes {
			reason = "TableWrite"
		}
		reason += []string{"ProvisionedThroughputExceeded", "KeyRangeThroughputExceeded"}[detail.IntN(2)]
		fields["ThrottlingReasons"] = []map[string]string{{"reason": reason, "resource": table}}
	}
	return errorReply(http.StatusBadRequest, "ProvisionedThroughputExceededException", fields)
}

// tableOf returns the ARN, as DynamoDB Local writes it, of a table that the request names, or nothing.
func tableOf(body []byte) string {
	var request struct {
		TableName    string
		RequestItems map[string]json.RawMessage
	}
	if json.Unmarshal(body, &request) != nil {
		return ""
	}
	name := request.TableName
	for table := range request.RequestItems {
		if name == "" || table < name {
			name = table
		}
	}
	if name == "" || strings.HasPrefix(name, "arn:") {
		return name
	}
	return "arn:aws:dynamodb:ddblocal:000000000000:table/" + name
}

// corrupt changes one letter or digit of the body and keeps the checksum of what it was. It reports whether there was
// one. A body that is still good JSON is what only the checksum can find.
func (r *Reply) corrupt(detail *rand.Rand) bool {
	if len(r.Body) == 0 {
		return false
	}
	r.header().Set(checksumHeader, checksum(r.Body))
	start := detail.IntN(len(r.Body))
	for i := range r.Body {
		switch b := &r.Body[(start+i)%len(r.Body)]; {
		case '0' <= *b && *b <= '9':
			*b = '0' + (*b-'0'+1)%10
			return true
		case 'a' <= *b && *b <= 'z', 'A' <= *b && *b <= 'Z':
			*b ^= 'a' ^ 'A'
			return true
		}
	}
	return false
}

func (r *Reply) header() http.Header {
	if r.Header == nil {
		r.Header = http.Header{}
	}
	return r.Header
}

func (r *Reply) write(w http.ResponseWriter) {
	header := w.Header()
	maps.Copy(header, r.Header)
	if header.Get(checksumHeader) == "" {
		header.Set(checksumHeader, checksum(r.Body))
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/x-amz-json-1.0")
	}
	header.Set("Content-Length", strconv.Itoa(len(r.Body)))
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body) // fails when the client has gone, which is its own affair
}

func checksum(body []byte) string { return strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10) }
