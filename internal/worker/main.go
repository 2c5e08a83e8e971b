// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package worker

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Usage says what the command is for.
const Usage = `Usage: terraform-provider-dynamoops worker

Does one task of a run with method = "emr". The provider copies this program to S3, and Spark starts it on the machines
of the cluster: it reads the task from standard input and writes its progress to standard output. There is nothing to
run by hand. To see the progress of such a run, use terraform-provider-dynamoops watch.
`

// Main runs the command and returns the exit status: 0 exactly when the result has been written. It does not outlive
// the process that started it, and must be called on the main goroutine. A hang-up ends the process at once: that is
// how Spark's daemon ends the workers of a lost executor. It does so even where the process has been started with
// hang-ups ignored, as all are below a node manager that nohup started. From a terminal, Main says what the command is
// for.
func Main(version string) int {
	if isDevice(os.Stdin) {
		fmt.Fprint(os.Stderr, Usage)
		return 1
	}
	if err := dieWithParent(); err != nil {
		fmt.Fprintln(os.Stderr, "tie the worker to its parent:", err)
		return 1
	}
	endOnHangUp()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := Run(ctx, os.Stdin, os.Stdout, "terraform-provider-dynamoops/"+version); err != nil {
		fmt.Fprintln(os.Stderr, Explain(err))
		return 1
	}
	return 0
}

// isDevice reports whether the file is a terminal or the null device. From Spark the task comes through a pipe.
func isDevice(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// endOnHangUp takes the signal away from what the parent process has set for it.
func endOnHangUp() {
	const status = 128 + int(syscall.SIGHUP) // As a shell reports it.
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	go func() {
		<-hangUp
		os.Exit(status)
	}()
}
