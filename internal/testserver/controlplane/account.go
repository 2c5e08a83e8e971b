// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
)

// place is where a table lives.
type place struct {
	account, region string
}

// arn returns the name of a resource of the service in the place.
func (p place) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + p.region + ":" + p.account + ":" + resource
}

// Account returns the account of an access key: twelve digits made from its hash. An access key is an account of its
// own, as it is to DynamoDB Local.
func Account(accessKey string) string {
	sum := sha256.Sum256([]byte(accessKey))
	return fmt.Sprintf("%012d", binary.BigEndian.Uint64(sum[:])%1e12)
}

// TableARN returns the ARN of a table.
func TableARN(region, accessKey, table string) string {
	return place{Account(accessKey), region}.arn("dynamodb", "table/"+table)
}

// credential reads the access key and the Region from a request's signature, which nobody checks.
func credential(r *http.Request) (accessKey, region string, err error) {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	scope, _, _ = strings.Cut(scope, ",")
	parts := strings.Split(scope, "/")
	if len(parts) != 5 {
		return "", "", &smithy.GenericAPIError{
			Code:    "MissingAuthenticationTokenException",
			Message: "Request is missing Authentication Token",
		}
	}
	return parts[0], parts[2], nil
}

// resource is a table, or a part of it, that a request names by its ARN or, in the caller's own place, by its name.
type resource struct {
	place
	table string
	part  string // what follows the table's name, such as "stream/2026-01-01T00:00:00.000"
}

// locate finds out what a name or an ARN of a request means. ("Using Amazon Resource Names (ARNs) for DynamoDB
// tables".)
func (p place) locate(name string) (resource, error) {
	if !strings.HasPrefix(name, "arn:") {
		return resource{place: p, table: name}, nil
	}
	parts := strings.SplitN(name, ":", 6)
	if len(parts) != 6 || parts[2] != "dynamodb" {
		return resource{}, validation("Invalid ARN: %s", name)
	}
	path, ok := strings.CutPrefix(parts[5], "table/")
	if !ok {
		return resource{}, validation("Invalid table ARN: %s", name)
	}
	table, part, _ := strings.Cut(path, "/")
	return resource{place{account: parts[4], region: parts[3]}, table, part}, nil
}
