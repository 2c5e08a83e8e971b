// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package estimate says about what a run would read and write, and how long that takes.
package estimate
