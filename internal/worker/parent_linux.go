// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package worker

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// dieWithParent has the kernel send SIGTERM when the thread that started this process ends. The setting lives as long
// as the thread that makes it, which is kept for that.
func dieWithParent() error {
	runtime.LockOSThread()
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGTERM), 0, 0, 0)
}
