// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Disk says what is wrong with a file or folder of this machine, or with the disk that it is on; nil for any
// other error.
func Disk(err error) *problem.Problem {
	path, reason := localPath(err)
	switch {
	case path == "":
		return nil
	case diskFull(reason):
		return &problem.Problem{
			Summary: "Disk Is Full", Err: fmt.Errorf("%s: %w", path, reason), // Of many files, one.
			Cause: fmt.Sprintf("The disk that %s is on has no space left, or this user may not use more of it: %s could not "+
				"be written.", filepath.Dir(path), path),
			Next: "Free some space there, or name a folder on another disk, then apply again.",
		}
	}
	return &problem.Problem{
		Summary: "File Cannot Be Used",
		Cause:   fmt.Sprintf("%s, a file or folder of this machine, cannot be read or written: %v.", path, reason),
		Next:    "Remove the cause, then apply again.",
	}
}

// IsDiskFull reports whether a file of this machine could not be written for want of space.
func IsDiskFull(err error) bool {
	path, reason := localPath(err)
	return path != "" && diskFull(reason)
}

// localPath is the file that the error is about, and the reason; no file if it is that of a request, such as for the
// file of a certificate.
func localPath(err error) (path string, reason error) {
	if _, request := errors.AsType[*smithy.OperationError](err); request {
		return "", nil
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return file.Path, file.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.New, link.Err
	}
	return "", nil
}
