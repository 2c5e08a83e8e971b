// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package emrlocal

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// killWhole makes the end of the command's context the end of all processes of its group. The driver also ends when the
// thread that starts it does, and its executors with it.
func killWhole(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 10 * time.Second
}

// Processes returns the ids of the processes of the job whose command line holds the text.
func (j *Job) Processes(text string) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil {
			continue // It has just ended.
		}
		// All of the job runs below its folder: the JVMs name it, and the workers' binary lies there.
		line = bytes.ReplaceAll(line, []byte{0}, []byte{' '})
		if strings.Contains(string(line), j.folder) && strings.Contains(string(line), text) {
			found = append(found, pid)
		}
	}
	return found, nil
}
