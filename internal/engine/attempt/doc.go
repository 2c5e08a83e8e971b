// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package attempt has what every attempt at a run does, whatever it moves: it takes its record in the journal, waits,
// tells its observer how it comes along, and explains what went wrong with the journal.
package attempt
