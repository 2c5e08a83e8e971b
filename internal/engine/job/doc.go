// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package job has what a user asks for: a copy or a purge, with its arguments, and what can be said of it without
// asking AWS.
package job
