// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package explain

import (
	"errors"
	"syscall"
)

// diskFull reports whether there is no space left, for anybody or for this user.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
