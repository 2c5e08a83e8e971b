// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package run moves the items of a copy or a purge on this machine, resumes where an earlier attempt stopped, and says
// why it failed.
package run
