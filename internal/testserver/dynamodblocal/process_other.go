// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package dynamodblocal

import (
	"os"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

// killTree ends the child alone: DynamoDB Local is one process.
func killTree(child *os.Process) error { return child.Kill() }
