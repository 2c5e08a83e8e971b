// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// process is a running process of the provider's binary.
type process struct{ id, parent, peakMB int }

// providers lists the processes of the provider, from the proc file system of Linux.
func providers() ([]process, error) {
	binary := filepath.Join(binaries, "terraform-provider-dynamoops")
	executables, err := filepath.Glob("/proc/[0-9]*/exe")
	var found []process
	for _, executable := range executables {
		if target, err := os.Readlink(executable); err != nil || target != binary {
			continue // Another program, or gone by now.
		}
		folder := filepath.Dir(executable)
		id, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			return nil, err
		}
		status := readStatus(filepath.Join(folder, "status"))
		found = append(found, process{id: id, parent: status["PPid"], peakMB: status["VmHWM"] / 1024})
	}
	return found, err
}

// readStatus returns the numbers in a process's status; none if the process is gone.
func readStatus(path string) map[string]int {
	numbers := map[string]int{}
	content, _ := os.ReadFile(path)
	for line := range strings.Lines(string(content)) {
		name, value, _ := strings.Cut(line, ":")
		if n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB")); err == nil {
			numbers[name] = n
		}
	}
	return numbers
}

// watchPeak follows the provider's processes. The function returned gives the largest resident set of any, in MiB, so far.
func watchPeak(t *testing.T) func() int {
	t.Helper()
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
			processes, err := providers()
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			for _, p := range processes {
				peak = max(peak, p.peakMB)
			}
			mu.Unlock()
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
