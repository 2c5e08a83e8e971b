// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"
)

// mappingsPath is where Lambda has event source mappings in its REST API, and tagsPath where it has tags.
const (
	mappingsPath = "/2015-03-31/event-source-mappings"
	tagsPath     = "/2017-03-31/tags/"
)

// readMapping reads a request of Lambda: the operation from method and path, and what stands in path and query as
// members of the body, so that the rest is as with the other services.
func (r *request) readMapping() error {
	if resource, ok := strings.CutPrefix(r.http.URL.Path, tagsPath); ok && r.http.Method == http.MethodGet {
		r.Service, r.Operation, r.body = "lambda", "ListTags", mustMarshal(map[string]string{"Resource": resource})
		return nil
	}
	path, ok := strings.CutPrefix(strings.TrimSuffix(r.http.URL.Path, "/"), mappingsPath)
	id := strings.TrimPrefix(path, "/")
	operation := map[string]string{
		http.MethodPost: "CreateEventSourceMapping", http.MethodGet: "ListEventSourceMappings",
	}[r.http.Method]
	if id != "" {
		operation = map[string]string{
			http.MethodGet: "GetEventSourceMapping", http.MethodPut: "UpdateEventSourceMapping",
			http.MethodDelete: "DeleteEventSourceMapping",
		}[r.http.Method]
	}
	if !ok || operation == "" {
		return &smithy.GenericAPIError{Code: "UnknownOperationException", Message: r.http.Method + " " + r.http.URL.Path}
	}
	r.Service, r.Operation = "lambda", operation

	members := map[string]any{}
	if len(r.body) > 0 {
		if err := json.Unmarshal(r.body, &members); err != nil {
			return serialization("not JSON: %v", err)
		}
	}
	for name, values := range r.http.URL.Query() {
		members[name] = values[0]
	}
	if size, ok := members["MaxItems"].(string); ok {
		count, err := strconv.Atoi(size)
		if err != nil {
			return serialization("MaxItems is no number: %s", size)
		}
		members["MaxItems"] = count
	}
	if id != "" {
		members["UUID"] = id
	}
	r.body = mustMarshal(members)
	return nil
}
