// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package explain_test

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
)

// What is about a file is told from what is about a request, whose error may have a file in it.
func TestDiskProblem(t *testing.T) {
	t.Parallel()
	full := syscall.ENOSPC
	if runtime.GOOS == "windows" {
		full = syscall.Errno(112) // ERROR_DISK_FULL
	}
	at := func(reason error) error { return &fs.PathError{Op: "write", Path: "/data/part", Err: reason} }
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no space":        {at(full), "Disk Is Full"},
		"many files":      {errors.Join(at(full), at(full)), "Disk Is Full"},
		"a rename":        {&os.LinkError{Op: "rename", Old: "/data/.part", New: "/data/part", Err: full}, "Disk Is Full"},
		"not allowed":     {at(fs.ErrPermission), "File Cannot Be Used"},
		"a request":       {&smithy.OperationError{ServiceID: "DynamoDB", OperationName: "Scan", Err: at(fs.ErrNotExist)}, ""},
		"not about files": {errors.New("something else"), ""},
	} {
		p := explain.Disk(test.err)
		switch {
		case test.want == "" && p != nil:
			t.Errorf("%s: the problem is %+v", name, p)
		case test.want != "" && (p == nil || p.Summary != test.want || !strings.Contains(p.Cause, "/data/part")):
			t.Errorf("%s: the problem is %+v, want %q", name, p, test.want)
		}
	}
}
