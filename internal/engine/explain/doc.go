// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package explain says what an error of AWS, of a file or of an item means to a user, and what to do about it.
package explain
