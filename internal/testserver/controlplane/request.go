// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"
)

// request is a request that has been logged and let through.
type request struct {
	Call
	place
	server    *Server
	http      *http.Request
	accessKey string
	body      []byte
	names     []string // of the tables, as the request has them
}

// services are the prefixes of the X-Amz-Target header.
var services = map[string]string{
	"DynamoDB_20120810":        "dynamodb",
	"DynamoDBStreams_20120810": "dynamodbstreams",
	"AnyScaleFrontendService":  "application-autoscaling",
	"TrentService":             "kms", // No operation of which is known.
}

// receive reads who asks for what, writes it down and asks the test whether it may.
func (s *Server) receive(r *http.Request, body []byte) (*request, error) {
	accessKey, region, err := credential(r)
	if err != nil {
		return nil, err
	}
	req := &request{place: place{Account(accessKey), region}, server: s, http: r, accessKey: accessKey, body: body}
	if target, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		req.Service, req.Operation = services[target], operation
	} else if err := req.readMapping(); err != nil {
		return nil, err
	}
	var subject subject
	// What is wrong with a body is found when it is read for its operation.
	_ = json.Unmarshal(req.body, &subject)
	req.Account, req.Region = req.account, req.region
	req.names = subject.tables()
	req.Table, req.Writes = bareNames(req.names), writes(req.Operation)

	s.mu.Lock()
	s.calls = append(s.calls, req.Call)
	s.accessKeys[req.account] = accessKey
	onRequest := s.onRequest
	s.mu.Unlock()
	if onRequest != nil {
		return req, onRequest(req.Call, body)
	}
	return req, nil
}

// operation answers the requests of one operation, with the server locked.
type operation func(r *request) (any, error)

// operations are those of a service that this server knows, by name.
type operations map[string]operation

// of makes an operation of a function from the SDK's input to the SDK's output.
func of[In, Out any](run func(*request, *In) (*Out, error)) operation {
	return func(r *request) (any, error) {
		input := new(In)
		if err := decode(r.body, input); err != nil {
			return nil, err
		}
		output, err := run(r, input)
		if err != nil {
			return nil, err // not a nil pointer in an interface that is not nil
		}
		return output, nil
	}
}

// answer has the operation done. One that is added is a function in a file of its kind, and a name in that file's
// operations.
func (r *request) answer() (any, error) {
	known := map[string][]operations{
		"dynamodb": {
			tableOperations, updateOperations, tagOperations, policyOperations, ttlOperations, recoveryOperations,
			kinesisOperations, insightsOperations, limitOperations, backupOperations, restoreOperations,
			exportOperations, bulkOperations, importOperations,
		},
		"application-autoscaling": {targetOperations, scalingPolicyOperations, scheduleOperations},
		"lambda":                  {mappingOperations},
	}
	for _, list := range known[r.Service] {
		if run, ok := list[r.Operation]; ok {
			return run(r)
		}
	}
	return nil, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: r.Operation + " is not known here"}
}

func validation(format string, arguments ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf(format, arguments...)}
}

// refuse answers with an error: an API's, or one of this server itself.
func refuse(w http.ResponseWriter, err error) {
	apiError, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		apiError = &smithy.GenericAPIError{Code: "InternalServerError", Message: err.Error()}
	}
	status := http.StatusBadRequest
	if apiError.ErrorCode() == "InternalServerError" {
		status = http.StatusInternalServerError
	}
	// Lambda's clients read the header, the others the member.
	w.Header().Set("X-Amzn-ErrorType", apiError.ErrorCode())
	reply(w, status, map[string]string{"__type": apiError.ErrorCode(), "message": apiError.ErrorMessage()})
}

// reply sends a JSON answer with its checksum, as DynamoDB does.
func reply(w http.ResponseWriter, status int, output any) {
	body, err := encode(output)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails when the client has gone, which is its own affair
}
