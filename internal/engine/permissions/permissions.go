// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package permissions knows which AWS actions each method of a run calls, and on what.
//
// There is one list of them, [calls]. A method is added by adding its calls; the test that records what the methods
// really call fails for one that is missing, and for one too many.
package permissions

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// Operation is what a run does.
type Operation string

// The operations. A purge has a destination only: the table that it empties.
const (
	Copy  Operation = "copy"
	Purge Operation = "purge"
)

// Run is what decides which calls a run makes.
type Run struct {
	Operation Operation
	// Method is the run's method, never "auto". MayExport reports whether that would be "export_import" if the source had
	// point-in-time recovery.
	Method              string
	MayExport           bool
	Source, Destination Side
	// Recheck reports whether each delete is conditional.
	Recheck bool
	// RequiresPITR reports whether a purge looks whether the table has point-in-time recovery.
	RequiresPITR bool
	// KeepsItems reports whether a copy replaces no item of the destination, Verify that the destination is read when it
	// is complete.
	KeepsItems, Verify bool
	// Creates is how much of the source table a copy makes anew: "schema", "full", or empty for nothing.
	Creates string
	// KMSKeyARN is the key that the new table is given, empty for none.
	KMSKeyARN string
	// Filters reports whether DynamoDB evaluates a filter, which it is asked about before the run.
	Filters bool
	// Export is the place of an export that is made on the way, nothing if there is none. Bulk says that DynamoDB loads
	// it.
	Export Side
	Bulk   bool
	// Apart reports whether the two sides have different credentials. Whether the bucket of an export is the
	// destination's, only that may know.
	Apart bool
	// Imports reports whether DynamoDB makes the destination of the export, if the source's settings allow that.
	Imports bool
	Restore Restore
}

func (r Run) creates() bool    { return r.Creates != "" }
func (r Run) createsAll() bool { return r.Creates == "full" }

// Side is one table of a run, or a folder in S3.
type Side struct {
	// TableARN is empty for a side that is not a table.
	TableARN string
	// Index is the secondary index that is read in place of the table.
	Index string
	// BucketARN and ObjectsARN are the bucket and the objects, empty for a side that is not in S3.
	BucketARN, ObjectsARN string
}

// call is one entry of the list.
type call struct {
	operation Operation
	// method is the only one that makes the call, empty if all of the operation do.
	method string
	action string
	on     func(Run) string
	// when says which runs make the call; nil is all.
	when func(Run) bool
}

// calls is the list: what moves items, and what makes tables. The action that a request needs has the name of its
// operation ("Actions, resources, and condition keys for Amazon DynamoDB", and those for Amazon S3, in the Service
// Authorization Reference).
var calls = struct{ source, destination []call }{
	source: slices.Concat([]call{
		{operation: Copy, action: "dynamodb:DescribeTable", on: sourceTable},
		{operation: Copy, method: "scan", action: "dynamodb:Scan", on: sourceRead},
		{operation: Copy, method: "scan", action: "s3:ListBucket", on: func(r Run) string { return r.Source.BucketARN }},
		{operation: Copy, method: "scan", action: "s3:GetObject", on: func(r Run) string { return r.Source.ObjectsARN }},
		// With emr, other machines do what "scan" and "delete_items" do; these are the calls of the one that starts them.
		{
			operation: Copy,
			method:    "emr",
			action:    "dynamodb:Scan",
			on:        sourceRead,
			when:      func(r Run) bool { return r.Filters || r.Verify },
		},
		{operation: Copy, method: "emr", action: "s3:ListBucket", on: func(r Run) string { return r.Source.BucketARN }},
		{operation: Copy, method: "emr", action: "s3:GetObject", on: func(r Run) string { return r.Source.ObjectsARN }},
		{operation: Copy, method: "export_import", action: "dynamodb:DescribeContinuousBackups", on: sourceTable},
		{operation: Copy, method: "export_import", action: "dynamodb:ExportTableToPointInTime", on: sourceTable},
		{
			operation: Copy,
			method:    "export_import",
			action:    "dynamodb:DescribeExport",
			on:        func(r Run) string { return r.Source.TableARN + "/export/*" },
		},
		// AWS writes the export as the principal that asks for it ("Requesting a table export in DynamoDB").
		{operation: Copy, method: "export_import", action: "s3:AbortMultipartUpload", on: exportObjects},
		{operation: Copy, method: "export_import", action: "s3:PutObject", on: exportObjects},
		{operation: Copy, method: "export_import", action: "s3:PutObjectAcl", on: exportObjects},
	}, restoreSource, settingsRead.of(Copy, "", sourceTable, func(r Run) bool { return r.creates() || replaces(r) })),
	destination: slices.Concat(
		[]call{
			{operation: Copy, method: "export_import", action: "dynamodb:StartBulkPutItems", on: destinationTable, when: isBulk},
			{
				operation: Copy,
				method:    "export_import",
				action:    "dynamodb:DescribeBulkOperation",
				on:        func(r Run) string { return r.Destination.TableARN + "/*" },
				when:      isBulk,
			},
			{
				operation: Copy,
				method:    "export_import",
				action:    "s3:ListBucket",
				on:        func(r Run) string { return r.Export.BucketARN },
				when:      isBulk,
			},
			{operation: Copy, method: "export_import", action: "s3:GetObject", on: exportObjects, when: isBulk},
			{
				operation: Copy,
				method:    "export_import",
				action:    "s3:PutObject",
				on:        exportObjects,
				when:      isBulk,
			}, // The report on items that failed.
			{operation: Copy, method: "export_import", action: "dynamodb:ImportTable", on: destinationTable, when: isImport},
			{
				operation: Copy,
				method:    "export_import",
				action:    "dynamodb:DescribeImport",
				on:        func(r Run) string { return r.Destination.TableARN + "/import/*" },
				when:      isImport,
			},
			{operation: Copy, action: "dynamodb:DescribeTable", on: destinationTable},
			{
				operation: Copy,
				method:    "scan",
				action:    "dynamodb:BatchWriteItem",
				on:        destinationTable,
				when:      func(r Run) bool { return !r.KeepsItems },
			},
			{
				operation: Copy,
				method:    "scan",
				action:    "dynamodb:PutItem",
				on:        destinationTable,
				when:      func(r Run) bool { return r.KeepsItems },
			},
			{
				operation: Copy,
				method:    "scan",
				action:    "dynamodb:Scan",
				on:        destinationTable,
				when:      func(r Run) bool { return r.Verify },
			},
			{
				operation: Copy,
				method:    "scan",
				action:    "s3:PutObject",
				on:        func(r Run) string { return r.Destination.ObjectsARN },
			},
			{
				operation: Copy,
				method:    "export_import",
				action:    "s3:ListBucket",
				on:        func(r Run) string { return r.Destination.BucketARN },
				when:      isApart,
			},
			// What runs that fail or are interrupted have written.
			{
				operation: Copy,
				method:    "scan",
				action:    "s3:ListBucket",
				on:        func(r Run) string { return r.Destination.BucketARN },
			},
			{
				operation: Copy,
				method:    "scan",
				action:    "s3:DeleteObject",
				on:        func(r Run) string { return r.Destination.ObjectsARN },
			},
			{
				operation: Copy,
				method:    "scan",
				action:    "s3:GetObject",
				on:        func(r Run) string { return r.Destination.ObjectsARN },
				when:      func(r Run) bool { return r.Verify },
			},
			{
				operation: Copy,
				method:    "emr",
				action:    "dynamodb:Scan",
				on:        destinationTable,
				when:      func(r Run) bool { return r.Verify },
			},
			{operation: Copy, method: "emr", action: "s3:ListBucket", on: func(r Run) string { return r.Destination.BucketARN }},
			{operation: Copy, method: "emr", action: "s3:PutObject", on: func(r Run) string { return r.Destination.ObjectsARN }},
			{
				operation: Copy,
				method:    "emr",
				action:    "s3:DeleteObject",
				on:        func(r Run) string { return r.Destination.ObjectsARN },
			},
			{
				operation: Copy,
				method:    "emr",
				action:    "s3:GetObject",
				on:        func(r Run) string { return r.Destination.ObjectsARN },
				when:      func(r Run) bool { return r.Verify },
			},
			{
				operation: Purge,
				method:    "emr",
				action:    "dynamodb:Scan",
				on:        destinationTable,
				when:      func(r Run) bool { return r.Filters },
			},
			{operation: Purge, action: "dynamodb:DescribeTable", on: destinationTable},
			{
				operation: Purge,
				method:    "delete_items",
				action:    "dynamodb:DescribeContinuousBackups",
				on:        destinationTable,
				when:      func(r Run) bool { return r.RequiresPITR },
			},
			{operation: Purge, method: "delete_items", action: "dynamodb:Scan", on: destinationTable},
			{
				operation: Purge,
				method:    "delete_items",
				action:    "dynamodb:BatchWriteItem",
				on:        destinationTable,
				when:      func(r Run) bool { return !r.Recheck },
			},
			{
				operation: Purge,
				method:    "delete_items",
				action:    "dynamodb:DeleteItem",
				on:        destinationTable,
				when:      func(r Run) bool { return r.Recheck },
			},
			{
				operation: Copy,
				action:    "dynamodb:CreateTable",
				on:        destinationTable,
				when:      func(r Run) bool { return r.creates() && r.Method != "backup_restore" },
			},
			{operation: Copy, action: "kms:DescribeKey", on: destinationKey},
			// A restore may bring a key along.
			{operation: Copy, method: "backup_restore", action: "kms:DescribeKey", on: anything, when: Run.creates},
		},
		keyUse,
		restoreDestination,
		importLogs.of(Copy, "export_import", importLogGroups, isImport),
		settingsRead.of(
			Copy,
			"",
			destinationTable,
			Run.createsAll,
		),
		settingsPut.of(Copy, "", destinationTable, Run.createsAll),
		settingsRead.of(
			Purge,
			"recreate",
			destinationTable,
			nil,
		),
		settingsPut.of(Purge, "recreate", destinationTable, nil),
		recreates.of(Purge, "recreate", destinationTable, nil),
	),
}

func isBulk(r Run) bool   { return r.Bulk }
func isImport(r Run) bool { return r.Imports }
func isApart(r Run) bool  { return r.Apart }

// importLogGroups are those in which DynamoDB writes the errors of imports ("Requesting a table import in DynamoDB").
func importLogGroups(r Run) string {
	table, err := arn.Parse(r.Destination.TableARN)
	if err != nil {
		return ""
	}
	return "arn:" + table.Partition + ":logs:" + table.Region + ":" + table.AccountID + ":log-group:/aws-dynamodb/*"
}

// exportObjects are those of the export, wherever it is made.
func exportObjects(r Run) string {
	if r.Export.ObjectsARN == "" {
		return r.Destination.ObjectsARN
	}
	return r.Export.ObjectsARN
}

func sourceTable(r Run) string      { return r.Source.TableARN }
func destinationTable(r Run) string { return r.Destination.TableARN }
func destinationKey(r Run) string   { return r.KMSKeyARN }

// sourceRead is the ARN of what is read.
func sourceRead(r Run) string {
	if r.Source.Index == "" || r.Source.TableARN == "" {
		return r.Source.TableARN
	}
	return r.Source.TableARN + "/index/" + r.Source.Index
}

// Policy is an identity-based policy: the actions that are allowed, by the ARN that they are allowed on.
type Policy map[string][]string

// Policies are the least ones with which the run reaches its source and its destination, empty for a side that is no
// table.
func (r Run) Policies() (source, destination Policy) {
	source, destination = r.policy(calls.source), r.policy(calls.destination)
	if r.Export.BucketARN != "" && !r.Bulk { // The export is read like any other source in S3.
		read := r
		read.Method, read.Source, read.Export = "scan", r.Export, Side{}
		from, to := read.Policies()
		destination.AllowAll(from)
		destination.AllowAll(to)
	}
	return source, destination
}

func (r Run) policy(list []call) Policy {
	policy := Policy{}
	for _, c := range list {
		if c.operation == r.Operation && r.uses(c.method) && (c.when == nil || c.when(r)) {
			policy.Allow(c.action, c.on(r))
		}
	}
	return policy
}

// uses reports whether the run may use the method, which is empty for what all methods do.
func (r Run) uses(method string) bool {
	return method == "" || method == r.Method || r.MayExport && method == "export_import"
}

// Allow adds an action on a resource; none on one that has no ARN.
func (p Policy) Allow(action, resource string) {
	if resource != "" && !slices.Contains(p[resource], action) {
		p[resource] = append(p[resource], action)
	}
}

// AllowAll adds what the other policy allows.
func (p Policy) AllowAll(other Policy) {
	for resource, actions := range other {
		for _, action := range actions {
			p.Allow(action, resource)
		}
	}
}

// JSON is the policy as a document ("IAM JSON policy reference" in the AWS IAM User Guide), the same for equal
// policies.
func (p Policy) JSON() string {
	type statement struct {
		Effect   string
		Action   []string
		Resource string
	}
	document := struct {
		Version   string
		Statement []statement
	}{Version: "2012-10-17"}
	for _, resource := range slices.Sorted(maps.Keys(p)) {
		document.Statement = append(
			document.Statement,
			statement{"Allow", slices.Sorted(slices.Values(p[resource])), resource},
		)
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		panic(err) // It holds nothing that JSON could not.
	}
	return string(text)
}
