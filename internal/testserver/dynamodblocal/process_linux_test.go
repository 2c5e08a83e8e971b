// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), startSleepEnv+"=1")
	parent.ExtraFiles = []*os.File{writer}
	if err := errors.Join(parent.Start(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	output := bufio.NewReader(reader)
	if line, err := output.ReadString('\n'); line != "started\n" {
		t.Fatalf("got %q, %v", line, err)
	}

	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil {
		t.Error("the parent was not killed")
	}
	// Only a limit: the end of the file comes at once when the child dies.
	if err := reader.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(output); len(rest) > 0 || err != nil {
		t.Errorf("the child lives on: %q, %v", rest, err)
	}
}

func TestKillEndsGrandchildren(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("sh", "-c", "sleep 600 & echo started >&3; wait")
	command.ExtraFiles = []*os.File{writer}
	p, err := startProcess(command)
	if err := errors.Join(err, writer.Close()); err != nil {
		t.Fatal(err)
	}
	output := bufio.NewReader(reader)
	if line, err := output.ReadString('\n'); line != "started\n" {
		t.Fatalf("got %q, %v", line, err)
	}

	for range 2 {
		if err := p.kill(); err != nil {
			t.Fatal(err)
		}
	}
	if err := reader.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(output); len(rest) > 0 || err != nil {
		t.Errorf("the grandchild lives on: %q, %v", rest, err)
	}
}
