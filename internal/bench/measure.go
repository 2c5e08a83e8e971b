// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
)

// figures are what one measured process reports of itself.
type figures struct {
	Items   int64
	Seconds float64
	// CPU is the time the process spent on processors, user and system, in seconds.
	CPU float64
	// PeakMB is the largest resident set, in MB.
	PeakMB float64
}

// clientOf is the client that a user's run has, or for the plain loop one that keeps a connection for each of its
// requests.
func clientOf(ctx context.Context, subject, endpoint string) (*dynamodb.Client, error) {
	if subject == "plain" {
		return newClient(endpoint, awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = 256, 256
		})), nil
	}
	connections, err := awsconn.New(ctx, awsconn.Settings{
		Region: region, AccessKey: "bench", SecretKey: "bench", Endpoints: map[string]string{"dynamodb": endpoint},
		SkipCredentialsValidation: true, SkipRequestingAccountID: true,
	})
	if err != nil {
		return nil, err
	}
	return connections.DynamoDB(ctx, awsconn.Connection{})
}

// scratch makes a folder for the time of a run.
func scratch() (directory string, remove func(), err error) {
	directory, err = os.MkdirTemp("", "dynamoops-bench-")
	return directory, func() { _ = os.RemoveAll(directory) }, err
}

// measured runs in the child: it does the work and prints its figures.
func measured(ctx context.Context, subject string, w work) error {
	client, err := clientOf(ctx, subject, w.Endpoint)
	if err != nil {
		return err
	}
	before, start := processorTime(syscall.RUSAGE_SELF), time.Now()
	items, err := subjects[subject](ctx, client, w)
	if err != nil {
		return err
	}
	f := figures{Items: items, Seconds: time.Since(start).Seconds(), CPU: processorTime(syscall.RUSAGE_SELF) - before}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	f.PeakMB = float64(usage.Maxrss) / 1024
	return json.NewEncoder(os.Stdout).Encode(f)
}

// processorTime is the time that this process (RUSAGE_SELF), or those it has waited for (RUSAGE_CHILDREN), spent on
// processors, in seconds.
func processorTime(whose int) float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(whose, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// measure runs the work in a process of its own, so that its CPU and memory are its own.
func measure(ctx context.Context, subject string, w work) (figures, error) {
	self, err := os.Executable()
	if err != nil {
		return figures{}, err
	}
	return measureIn(ctx, self, subject, w)
}

// measureIn is measure with this command at that path.
func measureIn(ctx context.Context, command, subject string, w work) (figures, error) {
	j, err := json.Marshal(w)
	if err != nil {
		return figures{}, err
	}
	child := exec.CommandContext(ctx, command, "-subject", subject, "-work", string(j))
	child.Stderr = os.Stderr
	output, err := child.Output()
	if err != nil {
		return figures{}, fmt.Errorf("%s: %w", subject, err)
	}
	var f figures
	err = json.Unmarshal(output, &f)
	if err == nil && f.Items != int64(w.Items) {
		err = fmt.Errorf("%s moved %d of %d items", subject, f.Items, w.Items)
	}
	return f, err
}
