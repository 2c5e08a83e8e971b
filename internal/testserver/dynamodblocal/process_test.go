// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// startSleepEnv turns this test binary into a parent that starts a child and waits to be killed.
const startSleepEnv = "DYNAMODBLOCAL_TEST_START_SLEEP"

// startSleep hands the pipe it was given on to the child, so that the pipe is closed when both have ended.
func startSleep() {
	pipe := os.NewFile(3, "pipe")
	command := exec.Command("sleep", "600")
	command.ExtraFiles = []*os.File{pipe}
	_, err := startProcess(command)
	if err == nil {
		_, err = fmt.Fprintln(pipe, "started")
	}
	if err != nil {
		panic(err)
	}
	select {}
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		writes []string
		want   string
	}{
		"nothing":           {nil, ""},
		"short":             {[]string{"one ", "two"}, "one two"},
		"one long write":    {[]string{"lost" + strings.Repeat("x", tailSize)}, strings.Repeat("x", tailSize)},
		"many short writes": {slices.Repeat([]string{"0123456789abcdef"}, tailSize/8), strings.Repeat("0123456789abcdef", tailSize/16)},
		"across the border": {[]string{strings.Repeat("x", tailSize), "end"}, strings.Repeat("x", tailSize-3) + "end"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log tail
			for _, text := range test.writes {
				if n, err := log.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatalf("Write = %d, %v", n, err)
				}
			}
			if got := log.String(); got != test.want {
				t.Errorf("got %d bytes that end in %q", len(got), got[max(0, len(got)-20):])
			}
		})
	}
}
