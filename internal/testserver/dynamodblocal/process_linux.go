// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"errors"
	"os"
	"syscall"
)

// attributes put the child into a process group of its own, so that its children can be ended with it, and end it when
// this process dies without having closed it. SIGTERM lets Java remove its temporary files.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

func killTree(child *os.Process) error {
	err := syscall.Kill(-child.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
