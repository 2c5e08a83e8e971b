// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"errors"

	"golang.org/x/sys/windows"
)

// diskFull reports whether there is no space left, for anybody or for this user ("System Error Codes").
func diskFull(err error) bool {
	for _, full := range []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED} {
		if errors.Is(err, full) {
			return true
		}
	}
	return false
}
