// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package spark starts the segments of a run as a Spark job: on EMR Serverless, on a transient EMR cluster, or by AWS
// Data Pipeline. What runs there is driver.py, which starts the provider's own binary once for each segment.
package spark

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
)

// Driver is the script that Spark runs.
//
//go:embed driver.py
var Driver []byte

// The names under which the binary and the job are shipped; the driver knows them.
const (
	BinaryName = "terraform-provider-dynamoops"
	JobName    = "job.json"
)

// Job is what a launcher starts.
type Job struct {
	// Token tells the job apart from all others: a second Submit with it finds the job of the first.
	Token string
	// Script, Binary and Task are the S3 URIs of the driver, of what it starts, and of the job's description.
	Script, Binary, Task string
	// TaskSHA256 is the SHA-256 of the job's description, as hexadecimal digits. The job has it from the service, not from
	// S3.
	TaskSHA256 string
	// Config is what the user wants of the cluster.
	Config Config
}

// Handle names a job that was started, and what was made for it. It is kept in the journal.
type Handle struct {
	// ID is AWS's id of the job run, of the cluster or of the pipeline.
	ID string
	// Application is the EMR Serverless application of the job. Made reports whether it was made for the job.
	Application string `json:",omitempty"`
	Made        bool   `json:",omitempty"`
}

// State is where a job stands.
type State int

// The states of a job.
const (
	Running State = iota
	Succeeded
	Failed
	Cancelled
)

// Status is a job's state, with AWS's own words about it.
type Status struct {
	State  State
	Detail string
}

// Launcher starts jobs of one kind. Its errors are those of the SDK, or *problem.Problem.
type Launcher interface {
	// Submit starts the job, or finds it if it has been started before. With an error too, the handle names what was made.
	Submit(ctx context.Context, job Job) (Handle, error)
	// Owns reports whether the handle belongs to the job with the token, if the job still exists. A handle that was kept
	// where others can write may name anything.
	Owns(ctx context.Context, token string, job Handle) (bool, error)
	// Poll asks how the job stands.
	Poll(ctx context.Context, job Handle) (Status, error)
	// Cancel ends the job; Poll tells when it has ended.
	Cancel(ctx context.Context, job Handle) error
	// Remove deletes what was made for a job that has ended.
	Remove(ctx context.Context, job Handle) error
	// Logs says where a user finds what the job has written.
	Logs(job Handle) string
}

// MaxFailures is how often Spark tries a segment.
const MaxFailures = 4

// settings are the arguments of spark-submit ahead of the script. Speculation would run a segment twice at the same
// time, and with more executors than asked for the tasks' shares of the throughput would add up to more than the whole.
// The JVMs only wait for the workers: they would spend more on compiling their own code well than they could save.
func (j Job) settings() []string {
	arguments := []string{"--name", j.Token, "--files", j.Binary + "," + j.Task}
	for _, setting := range []string{
		"spark.speculation=false",
		"spark.dynamoops.job.sha256=" + j.TaskSHA256,
		fmt.Sprintf("spark.task.maxFailures=%d", MaxFailures),
		"spark.task.cpus=1",
		"spark.dynamicAllocation.enabled=false",
		fmt.Sprintf("spark.executor.instances=%d", j.Config.Executors),
		fmt.Sprintf("spark.executor.cores=%d", j.Config.ExecutorCPU),
		"spark.executor.memory=" + j.Config.ExecutorMemory,
		"spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1",
		"spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1",
	} {
		arguments = append(arguments, "--conf", setting)
	}
	return arguments
}

// step returns the arguments of EMR's command-runner.jar. The driver runs in the cluster, and once: the next apply
// continues after a failed job.
func (j Job) step() []string {
	arguments := append(
		[]string{"spark-submit", "--deploy-mode", "cluster", "--conf", "spark.yarn.maxAppAttempts=1"},
		j.settings()...)
	return append(arguments, j.Script)
}

// sentence ends the text with a full stop.
func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
