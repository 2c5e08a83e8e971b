// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

// dataOperations go through to DynamoDB Local.
var dataOperations = map[string]bool{
	"BatchExecuteStatement": true, "BatchGetItem": true, "BatchWriteItem": true, "DeleteItem": true,
	"ExecuteStatement":   true,
	"ExecuteTransaction": true, "GetItem": true, "PutItem": true, "Query": true, "Scan": true, "TransactGetItems": true,
	"TransactWriteItems": true, "UpdateItem": true,
}

func (r *request) isData() bool { return r.Service == "dynamodb" && dataOperations[r.Operation] }

// repeatable are operations that do the same when they are done twice.
var repeatable = map[string]bool{
	"BatchGetItem": true, "BatchWriteItem": true, "DescribeTable": true, "GetItem": true, "Query": true, "Scan": true,
}

// markRepeatable has package http send a repeatable request once more if DynamoDB Local closes the connection as it
// comes: it closes those that were idle, which a machine that stood still may notice late.
func markRepeatable(header http.Header, operation string) {
	if repeatable[operation] {
		header["X-Idempotency-Key"] = nil
	}
}

// forward sends a request on items to DynamoDB Local, if its tables exist.
func (s *Server) forward(w http.ResponseWriter, r *request) {
	s.mu.Lock()
	owner, err := r.owner()
	s.mu.Unlock()
	if err != nil {
		refuse(w, err)
		return
	}
	body := r.body
	if strings.HasPrefix(r.Operation, "Transact") {
		body = withNames(body)
	}
	request := r.http.Clone(r.http.Context())
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	request.Body, _ = request.GetBody()
	request.ContentLength = int64(len(body))
	markRepeatable(request.Header, r.Operation)
	request.Header.Set("Content-Length", strconv.Itoa(len(body)))
	// DynamoDB Local takes a table's ARN for its name, and finds it in the account of the access key.
	authorization := r.http.Header.Get("Authorization")
	request.Header.Set("Authorization", strings.Replace(authorization, "="+r.accessKey+"/", "="+owner+"/", 1))
	s.proxy.ServeHTTP(w, request)
}

// owner returns an access key of the account that owns the tables of a request on items.
func (r *request) owner() (string, error) {
	owner := r.accessKey
	for _, name := range r.names {
		t, err := r.find(name)
		if err != nil {
			return "", err
		}
		switch t.description.TableStatus {
		case types.TableStatusCreating:
			return "", notFound(t.name())
		case types.TableStatusInaccessibleEncryptionCredentials:
			return "", &smithy.GenericAPIError{
				Code:    "AccessDeniedException",
				Message: "The key of the table " + t.name() + " is not accessible.",
			}
		}
		owner = r.server.accessKeys[t.account]
	}
	return owner, nil
}

// withNames puts the names of the tables in place of the ARNs in a transaction: there DynamoDB Local knows names alone.
func withNames(body []byte) []byte {
	var transaction map[string]json.RawMessage
	var items []map[string]map[string]json.RawMessage
	if json.Unmarshal(body, &transaction) != nil || json.Unmarshal(transaction["TransactItems"], &items) != nil {
		return body
	}
	for _, item := range items {
		for _, action := range item {
			var name string
			if json.Unmarshal(action["TableName"], &name) == nil {
				action["TableName"] = mustMarshal(bareNames([]string{name}))
			}
		}
	}
	transaction["TransactItems"] = mustMarshal(items)
	return mustMarshal(transaction)
}

// mustMarshal is for values that have a JSON form.
func mustMarshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

// onLocal has DynamoDB Local do an operation in the place and returns its answer. An error of it is one of this server:
// the request has been checked before. DynamoDB Local fails at times to describe a table while it builds an index.
func (s *Server) onLocal(p place, operation string, body []byte) ([]byte, error) {
	for try := 1; ; try++ {
		status, answer, err := s.sendOnce(p, operation, body)
		switch {
		case err != nil:
			return nil, err
		case status == http.StatusOK:
			return answer, nil
		case status < http.StatusInternalServerError || operation != "DescribeTable" || try == 10:
			return nil, fmt.Errorf("DynamoDB Local, %s: %s", operation, answer)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *Server) sendOnce(p place, operation string, body []byte) (status int, answer []byte, err error) {
	request, err := http.NewRequest(http.MethodPost, s.local.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20260101/%s/dynamodb/aws4_request, "+
		"SignedHeaders=host, Signature=%s", s.accessKeys[p.account], p.region, dynamodblocal.SecretKey))
	markRepeatable(request.Header, operation)
	response, err := s.transport.RoundTrip(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}
