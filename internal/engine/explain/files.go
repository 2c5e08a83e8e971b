// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"errors"
	"fmt"
	"os"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

func SameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	one, errOne := os.Stat(a)
	two, errTwo := os.Stat(b)
	return errOne == nil && errTwo == nil && os.SameFile(one, two)
}

// File explains the error of a file that the argument names.
func File(attribute, path string, err error) *problem.Problem {
	p := &problem.Problem{Summary: "File Cannot Be Used", Attribute: attribute, Err: err}
	var line *store.LineError
	var file *os.PathError
	form, misformed := errors.AsType[*store.FormError](err)
	switch {
	case IsDiskFull(err):
		p = Disk(err)
		p.Attribute = attribute
	case errors.As(err, &line):
		p.Summary = "Malformed File"
		p.Cause = fmt.Sprintf("Line %d of %s is not an item that can be copied: %v.", line.Line, line.File, line.Err)
		p.Next = "Correct the line. Each line holds one item, all lines as plain JSON or all as DynamoDB JSON."
		if misformed {
			p.Next = form.Do
		}
		p.Err = nil
	case misformed:
		p.Summary = "Malformed File"
		p.Cause = fmt.Sprintf("%s does not hold items, one on each line: %v.", path, form)
		p.Next, p.Err = form.Do, nil
	case errors.As(err, &file):
		p.Cause = fmt.Sprintf("%s: %v.", path, file.Err)
		p.Next = "Check the path, which is relative to the folder that terraform runs in, and the file's " +
			"permissions." + writtenFirst(attribute, file.Err)
	default:
		p.Cause = fmt.Sprintf("%s cannot be read or written.", path)
		p.Next = "See the original error."
	}
	return p
}
