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

// Task is one segment of a distributed run, as it goes to the machine that does it. It holds no credentials: they are
// those of that machine.
type Task struct {
	// Version is that of the provider whose run it is. A worker of another one does not do it.
	Version string `json:"version"`
	// Failed is why the whole job has failed. Such a task is only to be written down, see [Engine.SaveJobFailure].
	Failed string `json:"failed,omitempty"`
	// Number counts from 0 to Segments-1. Attempt counts from 0; it is the number of earlier ones that failed.
	Number  int `json:"segment"`
	Tasks   int `json:"segments"`
	Attempt int `json:"attempt"`
	// ScanSegments is how many parts the segment is read in.
	ScanSegments int `json:"parts"`
	// AtOnce is how many tasks run at once.
	AtOnce int `json:"at_once"`
	// WriteCapacity is what is known of the table that all tasks write to.
	WriteCapacity pace.Capacity `json:"write_capacity"`
	// Copy or Purge is the job. Its throughput is this task's share.
	Copy  *job.Copy  `json:"copy,omitempty"`
	Purge *job.Purge `json:"purge,omitempty"`
	// Reads and Writes tell the tables of the run apart from others of their names, empty for no table.
	Reads  string `json:"reads,omitempty"`
	Writes string `json:"writes,omitempty"`
	// Run is the whole run, as transforms read it; Repeated says that an earlier attempt at it may have written the same
	// items.
	Run      transform.Run `json:"run"`
	Repeated bool          `json:"repeated,omitempty"`
	// Objects is the hash of what a source in S3 holds: tasks that see different objects would not do shares of one whole.
	Objects string `json:"objects,omitempty"`
	// Export is the prefix of the export that a copy to S3 makes, empty for another destination.
	Export string `json:"export,omitempty"`
	// Binary is the SHA-256 of the worker's binary, as hexadecimal digits. A binary that differs does not do the task.
	Binary string `json:"binary_sha256,omitempty"`
	// Settings say how to connect.
	Settings awsconn.Settings `json:"settings"`
	// Journal is the S3 URI below which the segments' records are, in the Region of Settings.
	Journal string `json:"journal"`
}

// TaskResult is what one task has done, with what earlier attempts at it did.
type TaskResult struct {
	Number    int         `json:"segment"`
	Attempt   int         `json:"attempt"`
	Ledger    flow.Ledger `json:"ledger"`
	Throttled int64       `json:"throttled"`
}

// OtherVersion says that provider and worker are not of one version, and may mean different things by the same task.
func OtherVersion(provider, worker string) *problem.Problem {
	return &problem.Problem{
		Summary: "Worker Binary Of Another Version", Attribute: "emr.worker_binary",
		Cause: fmt.Sprintf("The provider is %s, and the binary that the tasks run is %s.", provider, worker),
		Next:  "Set emr.worker_binary to the binary of the provider's own release, then apply again.",
	}
}

var ErrNoJob = errors.New("the task holds no job")

// isUUID reports whether the text is a UUID in the one spelling that ids have here.
func isUUID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}

// Foreign returns what a task holds that no provider can have written, empty for nothing. The tables, and the objects
// of a source in S3, are looked at where they are opened.
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
