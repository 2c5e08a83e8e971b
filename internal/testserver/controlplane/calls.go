// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"encoding/json"
	"slices"
	"strings"
)

// Call is one request that the server received, those that were refused included.
type Call struct {
	// Service is "dynamodb", "application-autoscaling", "lambda" or "kms".
	Service string
	// Operation is the operation's name in the API, such as "DescribeTable".
	Operation string
	// Account and Region are the caller's.
	Account, Region string
	// Table is the name of the table that the request is about, without the rest of its ARN; names of several are sorted
	// and joined by commas. A backup's is that of its source. It is empty for the other requests.
	Table string
	// Writes reports whether the operation can change anything. PartiQL statements count as such.
	Writes bool
}

// Calls returns all calls since the server's start, in the order of their arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// writes reports whether an operation can change anything.
func writes(operation string) bool {
	for _, reading := range []string{"Describe", "List", "Get", "Scan", "Query", "BatchGet", "TransactGet", "SearchVectors"} {
		if strings.HasPrefix(operation, reading) {
			return false
		}
	}
	return true
}

// subject has the members by which requests name tables.
type subject struct {
	TableName, TargetTableName, ResourceArn, ResourceId, BackupArn, EventSourceArn string
	TableArn, ExportArn, BulkOperationArn, ImportArn                               string

	TableCreationParameters struct{ TableName string }
	ResourceIds             []string
	RequestItems            map[string]json.RawMessage
	TransactItems           []map[string]struct{ TableName string }
}

// tables returns the names and ARNs that the request has.
func (s *subject) tables() []string {
	var names []string
	for _, name := range []string{s.TableName, s.TargetTableName, s.ResourceArn, s.ResourceId, s.BackupArn, s.EventSourceArn, s.TableArn, s.ExportArn, s.BulkOperationArn, s.ImportArn, s.TableCreationParameters.TableName} {
		if name != "" {
			names = append(names, name)
			break // a restore names its target first
		}
	}
	names = append(names, s.ResourceIds...)
	for name := range s.RequestItems {
		names = append(names, name)
	}
	for _, item := range s.TransactItems {
		for _, action := range item {
			names = append(names, action.TableName)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// bareNames cuts names and ARNs of tables, and resource ids of Application Auto Scaling, down to the tables' names.
func bareNames(names []string) string {
	bare := make([]string, 0, len(names))
	for _, name := range names {
		if _, after, ok := strings.Cut(name, "table/"); ok {
			name, _, _ = strings.Cut(after, "/")
		}
		bare = append(bare, name)
	}
	slices.Sort(bare)
	return strings.Join(slices.Compact(bare), ",")
}
