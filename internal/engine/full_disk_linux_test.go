// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// fullDiskChild is the variable that says how a child process of the test gets a disk without room.
const fullDiskChild = "DYNAMOOPS_TEST_FULL_DISK"

// A disk without room is named as such, with the file, and not taken for DynamoDB: for the file of a destination, the items that are set
// aside, the digests of a verification, and the journal.
//
// The disk is a small tmpfs. It takes a mount, so a user without that right has a child process in a namespace of its own do it. Where that
// is not allowed either, a child process limits the size of its files, which fails the same writes with another reason.
func TestFullDisk(t *testing.T) { //nolint:paralleltest // The limit on files is that of the whole process.
	folder := t.TempDir()
	how := os.Getenv(fullDiskChild)
	if how != "limit" {
		if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=1m"); err == nil {
			t.Cleanup(func() { _ = unix.Unmount(folder, unix.MNT_DETACH) }) // The child's mounts end with it.
			onFullDisk(t, folder, "Disk Is Full", fillDisk)
			return
		}
	}
	switch how {
	case "":
		output, err := fullDiskProcess(t, "namespace")
		if err != nil && !strings.Contains(string(output), "--- FAIL: TestFullDisk/") {
			t.Logf("no small disk can be mounted (%v): the size of files is limited instead", err)
			output, err = fullDiskProcess(t, "limit")
		}
		if err != nil {
			t.Errorf("%v: %s", err, output)
		}
	case "namespace":
		t.Fatal("this namespace may not mount either")
	case "limit":
		signal.Ignore(syscall.SIGXFSZ)
		onFullDisk(t, folder, "File Cannot Be Used", func(t *testing.T, _ string, left int) {
			t.Helper()
			var limit syscall.Rlimit
			if err := syscall.Getrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
				t.Fatal(err)
			}
			limit.Cur = uint64(left)
			if err := syscall.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// fullDiskProcess runs the test in a child process, which gets its disk in that way.
func fullDiskProcess(t *testing.T, how string) ([]byte, error) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	child.Env = append(os.Environ(), fullDiskChild+"="+how)
	if how == "namespace" {
		child.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
	}
	return child.CombinedOutput()
}

// fillDisk fills the disk but for so many bytes.
func fillDisk(t *testing.T, folder string, left int) {
	t.Helper()
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "fill"), make([]byte, int(disk.Bfree)*int(disk.Bsize)-left), 0o600); err != nil {
		t.Fatal(err)
	}
}

// onFullDisk has runs write to the folder, where full leaves room for so many bytes.
func onFullDisk(t *testing.T, folder, summary string, full func(t *testing.T, folder string, left int)) {
	t.Helper()
	s, _ := newStubbedSite(t)
	s.fill("from", 3000)
	whole := job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}, Method: job.MethodScan}
	toFile := func(name string) job.Copy {
		j := whole
		j.Destination = job.Destination{File: filepath.Join(folder, name)}
		return j
	}
	aside, verified := whole, whole
	aside.SkipRefused, aside.Transform = true, []transform.Step{{Set: map[string]string{"x": "item.none"}}}
	verified.Verify = job.VerifyFull
	for _, test := range []struct {
		name, path string // A part of the path that is named.
		left       int
		job        job.Copy
		journal    bool // The journal and what else a run keeps is on that disk.
	}{
		{"a file", "dump.jsonl", 16 << 10, toFile("dump.jsonl"), false},
		{"a gzip file", "dump.jsonl.gz", 4 << 10, toFile("dump.jsonl.gz"), false},
		{"a zstd file", "dump.jsonl.zst", 4 << 10, toFile("dump.jsonl.zst"), false},
		{"items set aside", "dead-letters-", 60 << 10, aside, true},
		{"digests", "verify-", 80 << 10, verified, true},
		{"the journal", ".copy-", 0, whole, true},
	} {
		if test.left == 0 && summary != "Disk Is Full" || test.name == "digests" && summary != "Disk Is Full" {
			continue // No file of these is as large as a limit would have to be.
		}
		t.Run(test.name, func(t *testing.T) { //nolint:paralleltest // There is one disk.
			t.Cleanup(func() {
				entries, _ := os.ReadDir(folder) // The next test finds what could not be removed.
				for _, entry := range entries {
					_ = os.RemoveAll(filepath.Join(folder, entry.Name()))
				}
			})
			e := s.engineAt(s.settings.Endpoints["dynamodb"])
			if test.journal {
				e.Journal, e.Directory = journal.Local(folder), folder
			}
			full(t, folder, test.left)
			_, err := e.Copy(t.Context(), test.job, engine.Observer{})
			p := problemOf(t, err)
			if want := filepath.Join(folder, test.path); p.Summary != summary || !strings.Contains(p.Cause, folder) || !strings.Contains(p.Cause, test.path) {
				t.Errorf("the problem is %q: %s; it is to name %s", p.Summary, p.Cause, want)
			}
		})
	}
}
