// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package emrlocal

import (
	"errors"
	"os/exec"
)

// killWhole leaves the command as it is: its context ends the driver alone.
func killWhole(*exec.Cmd) {}

// Processes needs Linux.
func (j *Job) Processes(string) ([]int, error) {
	return nil, errors.New("the processes of a job can be listed on Linux only")
}
