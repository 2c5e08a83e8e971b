// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// watchPeak follows the provider's processes. The function returned gives the largest resident set of any, in MiB, so far.
// It needs the proc file system of Linux.
func watchPeak(t *testing.T) func() int {
	t.Helper()
	binary := filepath.Join(binaries, "terraform-provider-dynamoops")
	var mu sync.Mutex
	peak := 0
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
			executables, _ := filepath.Glob("/proc/[0-9]*/exe")
			for _, executable := range executables {
				if target, err := os.Readlink(executable); err == nil && target == binary {
					mb := highWater(filepath.Join(filepath.Dir(executable), "status"))
					mu.Lock()
					peak = max(peak, mb)
					mu.Unlock()
				}
			}
		}
	})
	t.Cleanup(func() { close(stop); done.Wait() })
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		if peak == 0 {
			t.Error("the provider's process was not seen in /proc")
		}
		return peak
	}
}

// highWater reads VmHWM, in MiB; 0 if the process is gone.
func highWater(status string) int {
	file, err := os.Open(status)
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }() // It was only read.
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			return kb / 1024
		}
	}
	return 0
}
