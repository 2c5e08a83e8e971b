// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package cluster

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// Task is one share of a run, as it goes to the machine that does it. It holds no credentials: the machine uses its
// own.
type Task struct {
	// Version is the version of the provider that wrote the task. A worker of another version refuses it.
	Version string `json:"version"`
	// Failed is why the whole job failed. The worker only records it, with [SaveJobFailure].
	Failed string `json:"failed,omitempty"`
	// Number counts from 0 to Tasks-1. Attempt counts the earlier attempts that failed.
	Number  int `json:"segment"`
	Tasks   int `json:"segments"`
	Attempt int `json:"attempt"`
	// ScanSegments is how many Scan segments the share is read in.
	ScanSegments int `json:"parts"`
	// AtOnce is how many tasks run at once.
	AtOnce int `json:"at_once"`
	// WriteCapacity is what is known about the table that all tasks write to.
	WriteCapacity pace.Capacity `json:"write_capacity"`
	// Copy or Purge is the job. Its throughput is the task's share.
	Copy  *job.Copy  `json:"copy,omitempty"`
	Purge *job.Purge `json:"purge,omitempty"`
	// Reads and Writes identify the tables of the run, empty for an end that is not a table.
	Reads  string `json:"reads,omitempty"`
	Writes string `json:"writes,omitempty"`
	// Run is the whole run, as transforms see it. Repeated reports whether an earlier attempt may have written the same
	// items.
	Run      transform.Run `json:"run"`
	Repeated bool          `json:"repeated,omitempty"`
	// Objects is the hash of what a source in S3 holds: tasks that see different objects would not do shares of the same
	// source.
	Objects string `json:"objects,omitempty"`
	// Export is the prefix of the export that a copy to S3 writes, empty for another destination.
	Export string `json:"export,omitempty"`
	// Binary is the SHA-256 of the worker's binary, as hexadecimal digits. Another binary refuses the task.
	Binary string `json:"binary_sha256,omitempty"`
	// Settings are how the worker connects to AWS.
	Settings awsconn.Settings `json:"settings"`
	// Journal is the S3 URI of the tasks' records, in the Region of Settings.
	Journal string `json:"journal"`
}

// TaskResult is what a task has done, including its earlier attempts.
type TaskResult struct {
	Number    int         `json:"segment"`
	Attempt   int         `json:"attempt"`
	Ledger    flow.Ledger `json:"ledger"`
	Throttled int64       `json:"throttled"`
}

// OtherVersion is the problem that provider and worker have different versions, and may understand a task differently.
func OtherVersion(provider, worker string) *problem.Problem {
	return &problem.Problem{
		Summary: "Worker Binary Of Another Version", Attribute: "emr.worker_binary",
		Cause: fmt.Sprintf("The provider is %s, and the binary that the tasks run is %s.", provider, worker),
		Next:  "Set emr.worker_binary to the binary of the provider's own release, then apply again.",
	}
}

var ErrNoJob = errors.New("the task holds no job")

// isUUID reports whether the text is a UUID in the one spelling that IDs have here.
func isUUID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}

// Foreign returns what in the task no provider can have written, empty if there is nothing. Its tables and objects are
// checked when they are opened.
func (t Task) Foreign() (why string) {
	if t.Tasks < 1 || t.Tasks > job.MostTasks || t.Number < 0 || t.Number >= t.Tasks || t.Attempt < 0 ||
		t.ScanSegments < 1 ||
		t.AtOnce < 1 ||
		t.ScanSegments > job.MostSegments/t.Tasks {
		return "its numbers are out of range"
	}
	if !isUUID(t.Run.ID) {
		return "the run's id is not a UUID"
	}
	if t.Copy != nil && t.Copy.Destination.S3 != nil && !store.IsExport(*t.Copy.Destination.S3, t.Export) {
		return "its export is not at the destination"
	}
	return ""
}
